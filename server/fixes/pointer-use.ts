// What the text of a function does with a pointer at one place: something to the block itself, nothing that
// matters, or something unknown.
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import type { CallText, FunctionText } from './function-text.ts';

/** A call that does something to the block itself, or `harmless`; null: the pointer may get away. */
export type Use = CallText | 'harmless' | null;

export function useAt(fn: FunctionText, at: number, pointer: string): Use {
  const before = fn.code.slice(Math.max(fn.body, at - 200), at);
  const behind = fn.skipBlanks(at + pointer.length);
  const next = fn.code.slice(behind, behind + 2);
  if (/&\s*$/.test(before) && !/&&\s*$/.test(before)) return null;
  if (/^=(?!=)/.test(next)) return assigned(fn, fn.skipBlanks(behind + 1));
  if (next.startsWith('++') || next.startsWith('--') || /(?:\+\+|--)\s*$/.test(before)) return null;
  if (/^(?:[+\-*/|&]=)/.test(next)) return null;
  if (isDeclarator(before) && /^[;,]/.test(next)) return 'harmless';
  if (next.startsWith('[') || next === '->') return 'harmless';
  if (/(?:^|[;{}(,=]|\breturn\b)\s*\*\s*$/.test(before)) return 'harmless';
  if (isTested(before, next)) return 'harmless';
  const around = fn.callAround(at);
  return around === null ? null : asArgument(fn, around);
}

/** `T *p;`, `T *q, *p = …`: what is before a declared name. */
function isDeclarator(before: string): boolean {
  return /(?:^|[;{}])\s*(?:\w+\s+)*\w+\s*\*[^;(){}=]*$/.test(before);
}

export function isTested(before: string, next: string): boolean {
  if (/!\s*$/.test(before) && /^(?:\)|&&|\|\||\?)/.test(next)) return true;
  if (/^(?:==|!=)/.test(next)) return true;
  if (/(?:==|!=)\s*$/.test(before) && /^(?:\)|&&|\|\||\?)/.test(next)) return true;
  return /\b(?:if|while)\s*\(\s*$|(?:&&|\|\|)\s*$/.test(before) && /^(?:\)|&&|\|\|)/.test(next);
}

/** What the pointer gets: NULL, or the result of a call. */
function assigned(fn: FunctionText, from: number): Use {
  let at = from;
  for (;;) {
    const cast = /^\(\s*(?:const\s+)?(?:\w+\s+)*\w+\s*\*+\s*\)\s*/.exec(
      fn.code.slice(at, at + 200),
    );
    if (cast === null) break;
    at += cast[0].length;
  }
  if (/^(?:NULL|0)\s*[;,)]/.test(fn.code.slice(at, at + 40))) return 'harmless';
  const call = fn.callAt(at);
  if (call === null || !/^\s*[;,)]/.test(fn.code.slice(call.end))) return null;
  return isHeapCall(apiRow(call.name)) ? call : null;
}

/** Functions of the table that only look at what they are given. */
const LOOKING: ReadonlySet<string> = new Set([
  'call-duration',
  'copies-input',
  'format-parser',
  'inquiry',
]);

function asArgument(
  fn: FunctionText,
  { call, index }: { readonly call: CallText; readonly index: number },
): Use {
  if (call.name === 'sizeof') return 'harmless';
  const row = apiRow(call.name);
  if (row === undefined) return null;
  if (row.pointerArg === index && isHeapCall(row)) return call;
  if (!LOOKING.has(row.role)) return null;
  const behavior = row.ptrArgs.find(({ arg }) => arg === index)?.behavior ?? 'call-duration';
  if (!['copied', 'call-duration', 'filled'].includes(behavior)) return null;
  const returnsIt = row.returnsArg === index || row.returnsInterior === index;
  return returnsIt && !fn.isStatement(call) ? null : 'harmless';
}

function isHeapCall(row: ApiRow | undefined): boolean {
  return row?.role === 'alloc' || row?.role === 'realloc' || row?.role === 'free';
}
