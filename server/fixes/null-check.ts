// A NULL check behind an allocation, for functions that can raise MemoryError: those that return an object,
// and those that return -1 for an error.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Allocation } from '../flow/value.ts';
import type { Fix } from '../finding.ts';
import { apiRow } from '../knowledge/row.ts';
import { isDetachedAt } from './control-flow.ts';
import { type FunctionText, verbatim } from './function-text.ts';

/** Null where the statement is not a plain assignment, or what to return is not known. */
export function nullCheck(fn: FunctionText, allocation: Allocation, path: FlaggedPath): Fix | null {
  const { pointer, calledAt } = allocation;
  if (pointer === '' || allocation.row.role === 'realloc') return null;
  const start = fn.offsetOf(calledAt);
  const end = fn.offsetOf({ line: calledAt.endLine, column: calledAt.endColumn });
  const before = fn.code.slice(fn.statementStart(start), start);
  if (!isPlainAssignment(before, pointer) || !/^\s*;/.test(fn.code.slice(end))) return null;
  if (isDetachedAt(fn, start) || mayHoldMore(fn, start, pointer)) return null;
  const raises = allocation.row.setsException !== true && allocation.row.role !== 'object-alloc';
  const leave = leaving(fn, raises);
  if (leave === null) return null;
  const indent = fn.indentAt(fn.skipBlanks(fn.statementStart(start)));
  const semicolon = fn.code.indexOf(';', end) + 1;
  const lines = [`if (${pointer} == NULL)${leave.length > 1 ? ' {' : ''}`];
  for (const statement of leave) lines.push(`${fn.unit}${statement}`);
  if (leave.length > 1) lines.push('}');
  const newText = lines.map((line) => `\n${indent}${line}`).join('');
  const last = path.steps.findIndex(
    ({ kind, at }) => kind === 'alloc' && isSame(at, allocation.at),
  );
  return {
    title: `Check '${pointer}' for NULL${raises ? ' and call PyErr_NoMemory()' : ''}`,
    edits: [{ at: fn.span(semicolon, semicolon), newText }],
    isSafe: false,
    // It ends where the allocation fails.
    path: last < 0 ? null : { ...path, steps: path.steps.slice(0, last + 1), fault: last },
  };
}

/** A name that gives something back, whoever defines it. */
const GIVES_BACK =
  /free|destroy|release|close|decref|clear|cleanup|delete|dealloc|unlock|dispose|^Py_[A-Z]+REF$/i;

/** Something else may have to be given back before the function is left here: then its own error exit is right. */
function mayHoldMore(fn: FunctionText, allocated: number, pointer: string): boolean {
  if (/\bgoto\b/.test(fn.code)) return true;
  const before = fn.code.slice(fn.body, fn.statementStart(allocated));
  const calls = fn.code.slice(fn.body).matchAll(/\b([A-Za-z_]\w*)\s*\(/g);
  return [...calls].some(({ 1: name = '', index }) => {
    const call = fn.callAt(fn.body + index);
    const givesBack = apiRow(name)?.role === 'free' || GIVES_BACK.test(name);
    if (call === null || !givesBack || isDetaching(name)) return false;
    const words = fn.code.slice(call.start + name.length, call.end).match(/[A-Za-z_]\w*/g) ?? [];
    const own = /^\w+/.exec(pointer)?.[0] ?? pointer;
    return words.some(
      (word) => word !== own && new RegExp(`\\b${word}\\b[^;]*=|[&(,]\\s*${word}\\b`).test(before),
    );
  });
}

function isDetaching(name: string): boolean {
  return (apiRow(name)?.threadState ?? null) !== null;
}

/** `T *p = (T *)`, `s->p = `; what a condition or a loop governs is something else. */
function isPlainAssignment(before: string, pointer: string): boolean {
  const name = verbatim(pointer);
  const cast = '(?:\\([^()]*\\*\\s*\\)\\s*)?';
  return new RegExp(
    `^\\s*(?:(?!else\\b|do\\b|return\\b)[\\w\\s]+\\*+\\s*)?${name}\\s*=\\s*${cast}$`,
  ).test(before);
}

/** The statements that leave the function with an exception; null: not known. */
function leaving(fn: FunctionText, raises: boolean): readonly string[] | null {
  const type = /^([^()]*?)\b\w+\s*\(/.exec(fn.head)?.[1] ?? '';
  if (/\bPyObject\s*\*\s*$/.test(type))
    return [raises ? 'return PyErr_NoMemory();' : 'return NULL;'];
  const isNumber = /\bint\s*$|\bPy_ssize_t\s*$/.test(type);
  return isNumber && /\breturn\s*-\s*1\s*;/.test(fn.code.slice(fn.body))
    ? [...(raises ? ['PyErr_NoMemory();'] : []), 'return -1;']
    : null;
}

function isSame(
  a: { readonly line: number; readonly column: number },
  b: { readonly line: number; readonly column: number },
): boolean {
  return a.line === b.line && a.column === b.column;
}
