// Applies a fix to a text, as an editor does.
import type { Fix } from '../../server/finding.ts';

export function applyFix(text: string, fix: Pick<Fix, 'edits'>): string {
  const lines = text.split('\n');
  const offset = (line: number, column: number): number =>
    lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
  return fix.edits
    .map(({ at, newText }) => ({
      from: offset(at.line, at.column),
      to: offset(at.endLine, at.endColumn),
      newText,
    }))
    .toSorted((left, right) => right.from - left.from)
    .reduce((so, { from, to, newText }) => so.slice(0, from) + newText + so.slice(to), text);
}
