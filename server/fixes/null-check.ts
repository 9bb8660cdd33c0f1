// A NULL check behind an allocation, for functions that can raise MemoryError: those that return an object,
// and those that return -1 for an error.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Allocation } from '../flow/value.ts';
import { apiRow } from '../knowledge/row.ts';
import type { Fix } from '../finding.ts';
import { type FunctionText, verbatim } from './function-text.ts';

/** Null where the statement is not a plain assignment, or what to return is not known. */
export function nullCheck(fn: FunctionText, allocation: Allocation, path: FlaggedPath): Fix | null {
  const { pointer, calledAt } = allocation;
  if (pointer === '' || allocation.row.role === 'realloc') return null;
  const start = fn.offsetOf(calledAt);
  const end = fn.offsetOf({ line: calledAt.endLine, column: calledAt.endColumn });
  const before = fn.code.slice(fn.statementStart(start), start);
  if (!isPlainAssignment(before, pointer) || !/^\s*;/.test(fn.code.slice(end))) return null;
  if (isDetached(fn, start)) return null;
  const leave = leaving(fn);
  if (leave === null) return null;
  const indent = fn.indentAt(start);
  const semicolon = fn.code.indexOf(';', end) + 1;
  const lines = [`if (${pointer} == NULL)${leave.length > 1 ? ' {' : ''}`];
  for (const statement of leave) lines.push(`${fn.unit}${statement}`);
  if (leave.length > 1) lines.push('}');
  const newText = lines.map((line) => `\n${indent}${line}`).join('');
  const last = path.steps.findIndex(
    ({ kind, at }) => kind === 'alloc' && isSame(at, allocation.at),
  );
  return {
    title: `Check ${quotedName(pointer)} for NULL and call PyErr_NoMemory()`,
    edits: [{ at: fn.span(semicolon, semicolon), newText }],
    isSafe: false,
    // It ends where the allocation fails.
    path: last < 0 ? null : { ...path, steps: path.steps.slice(0, last + 1), fault: last },
  };
}

function quotedName(pointer: string): string {
  return `'${pointer}'`;
}

/** `T *p = (T *)`, `s->p = `; what a condition or a loop governs is something else. */
function isPlainAssignment(before: string, pointer: string): boolean {
  const name = verbatim(pointer);
  const cast = '(?:\\([^()]*\\*\\s*\\)\\s*)?';
  return new RegExp(
    `^\\s*(?:(?!else\\b|do\\b|return\\b)[\\w\\s]+\\*+\\s*)?${name}\\s*=\\s*${cast}$`,
  ).test(before);
}

/** A thread state was given up before, in the order of the text, and not taken back. */
function isDetached(fn: FunctionText, offset: number): boolean {
  const words = fn.code.slice(fn.body, offset).matchAll(/[A-Za-z_]\w*/g);
  let detached = false;
  for (const [word] of words) {
    const effect = apiRow(word)?.threadState ?? null;
    if (effect !== null) detached = effect === 'detach';
  }
  return detached;
}

/** The statements that leave the function with an exception; null: not known. */
function leaving(fn: FunctionText): readonly string[] | null {
  const type = /^([^()]*?)\b\w+\s*\(/.exec(fn.head)?.[1] ?? '';
  if (/\bPyObject\s*\*\s*$/.test(type)) return ['return PyErr_NoMemory();'];
  const isNumber = /\bint\s*$|\bPy_ssize_t\s*$/.test(type);
  return isNumber && /\breturn\s*-\s*1\s*;/.test(fn.code.slice(fn.body))
    ? ['PyErr_NoMemory();', 'return -1;']
    : null;
}

function isSame(
  a: { readonly line: number; readonly column: number },
  b: { readonly line: number; readonly column: number },
): boolean {
  return a.line === b.line && a.column === b.column;
}
