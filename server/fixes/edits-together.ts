// Which edits of several fixes can be made at once.
import type { Edit } from '../finding.ts';

/** Those whose edits do not touch the edits of one before; the same edit may belong to several. */
export function compatible<Fix>(
  fixes: readonly Fix[],
  editsOf: (fix: Fix) => readonly Edit[],
): readonly Fix[] {
  const taken: Edit[] = [];
  return fixes.filter((fix) => {
    const fresh = editsOf(fix).filter((edit) => !taken.some((other) => isSame(edit, other)));
    if (fresh.some((edit) => taken.some((other) => overlap(edit, other)))) return false;
    taken.push(...fresh);
    return true;
  });
}

/** Each once, in their order. */
export function distinct<E extends Edit>(edits: readonly E[]): readonly E[] {
  return edits.filter((edit, index) => edits.findIndex((other) => isSame(edit, other)) === index);
}

function isSame(left: Edit, right: Edit): boolean {
  return JSON.stringify([left.at, left.newText]) === JSON.stringify([right.at, right.newText]);
}

function overlap({ at: left }: Edit, { at: right }: Edit): boolean {
  return left.file === right.file && !isBefore(left, right) && !isBefore(right, left);
}

function isBefore(left: Edit['at'], right: Edit['at']): boolean {
  return (
    left.endLine < right.line || (left.endLine === right.line && left.endColumn <= right.column)
  );
}
