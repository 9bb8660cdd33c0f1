// A release through a macro that stands for one call alone: where the block is of another family, the right function
// takes the macro's place there. The macro itself stays as it is.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Release } from '../flow/value.ts';
import { type ApiRow, apiRow } from '../knowledge/row.ts';
import type { SourceText } from '../syntax/source-text.ts';
import { withRow } from './change-family.ts';
import { takesTheSame } from './equivalent.ts';
import type { FunctionText } from './function-text.ts';

export function spellOutMacro(
  fn: FunctionText,
  { through, calledAt, row }: Release,
  to: ApiRow,
  sources: Iterable<SourceText>,
  path: FlaggedPath,
): Fix | null {
  const [macro, ...inner] = through;
  const call = fn.callAt(fn.offsetOf(calledAt));
  if (macro === undefined || inner.length > 0 || call?.name !== macro) return null;
  if (call.args.length !== 1 || row.pointerArg !== 0 || !takesTheSame(row, to)) return null;
  const texts = [...sources].map(({ text }) => text);
  if (!isOnlyThisCall(macro, row, texts) || to.family === null) return null;
  if (definitionsOf(to.name, texts).length > 0) return null;
  const { family } = to;
  const steps = path.steps.map((step, index) =>
    index === path.fault ? withRow(step, to, family) : step,
  );
  return {
    title: `Replace ${macro} with ${to.name}`,
    edits: [{ at: fn.span(call.start, call.start + macro.length), newText: to.name }],
    isSafe: true,
    path: { ...path, steps },
  };
}

/** Defined once, as `#define XFREE(p) PyMem_Free(p)`, with casts and parentheses at most. */
function isOnlyThisCall(macro: string, row: ApiRow, texts: readonly string[]): boolean {
  const bodies = definitionsOf(macro, texts);
  const [body, ...others] = bodies;
  if (body === undefined || others.length > 0) return false;
  const plain = body.replaceAll(/\/\*.*?\*\/|\/\/.*$/g, ' ').trim();
  const [, parameter, value] = /^\(\s*(\w+)\s*\)\s*(.*)$/.exec(plain) ?? [];
  if (parameter === undefined || value === undefined) return false;
  const call = new RegExp(
    `^\\(*(?:\\(\\s*void\\s*\\)\\s*)?(\\w+)\\s*\\(\\s*(?:\\([\\w\\s]+\\*+\\s*\\)\\s*)?\\(*\\s*${parameter}\\s*\\)*;?$`,
  );
  const name = call.exec(value)?.[1] ?? '';
  return apiRow(name) === row || apiRow(name)?.name === row.name;
}

/** What stands behind the name, wherever one of the files defines it. */
function definitionsOf(macro: string, texts: readonly string[]): readonly string[] {
  const defined = new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${macro}\\b(.*)$`, 'gm');
  return texts.flatMap((text) =>
    text.includes(macro) ? [...text.matchAll(defined)].map((match) => match[1] ?? '') : [],
  );
}
