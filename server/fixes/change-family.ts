// Moves a block to another family: its allocation, its resizes and its releases, all in one function. Only
// for a local pointer that holds nothing else and that nobody else gets to see; null where that is not sure.
import type { Family } from '../../simulator/families.ts';
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import type { Edit } from '../finding.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import { equivalentIn } from './equivalent.ts';
import type { CallText, FunctionText } from './function-text.ts';

export interface FamilyChange {
  readonly edits: readonly Edit[];
  /** Their calls, as they are afterwards, in the order of the text. */
  readonly names: readonly string[];
  readonly path: FlaggedPath;
}

/** A call that does something to the block itself, or `harmless`; null: the pointer may get away. */
type Use = CallText | 'harmless' | null;

export function changeFamily(
  fn: FunctionText,
  pointer: string,
  family: Family,
  path: FlaggedPath,
): FamilyChange | null {
  if (!/^[A-Za-z_]\w*$/.test(pointer) || !isLocal(fn, pointer)) return null;
  const calls: CallText[] = [];
  let results = 0;
  for (const at of fn.usesOf(pointer)) {
    const use = useAt(fn, at, pointer);
    if (use === null) return null;
    if (use === 'harmless') continue;
    if (use.start > at) results++;
    if (!calls.some(({ start }) => start === use.start)) calls.push(use);
  }
  // What a resize gives must come back to the pointer, and nothing else into it but blocks.
  const giving = calls.filter(({ name }) => apiRow(name)?.role !== 'free');
  if (results !== giving.length) return null;
  const edits: Edit[] = [];
  const changed = new Map<string, ApiRow>();
  for (const { name, start } of calls) {
    const row = apiRow(name);
    if (row === undefined) return null;
    const to = row.family === family ? row : equivalentIn(family, row);
    if (to === null) return null;
    const at = fn.span(start, start + name.length);
    changed.set(`${at.line}:${at.column}`, to);
    if (to !== row) edits.push({ at, newText: to.name });
  }
  if (edits.length === 0) return null;
  const steps = path.steps.map((step) => {
    const to = changed.get(`${step.at.line}:${step.at.column}`);
    return to === undefined ? step : withRow(step, to, family);
  });
  const names = [...new Set(edits.map(({ newText }) => newText))];
  return { edits, names, path: { ...path, steps } };
}

export function withRow(step: Step, row: ApiRow, family: Family): Step {
  const calls = step.kind === 'alloc' || step.kind === 'realloc' || step.kind === 'free';
  return calls ? { ...step, api: row.name, family } : step;
}

/** Declared in the function as one pointer, not static, and not a parameter. */
function isLocal(fn: FunctionText, pointer: string): boolean {
  if (new RegExp(`\\b${pointer}\\b`).test(fn.head)) return false;
  const declared = new RegExp(
    `(?:^|[;{}])\\s*((?:\\w+\\s+)*\\w+\\s*\\*[^;(){}]*?)\\b${pointer}\\s*[=;,]`,
    'g',
  );
  const found = [...fn.code.slice(fn.body).matchAll(declared)];
  return found.length === 1 && !/\bstatic\b|\bextern\b|\breturn\b/.test(found[0]?.[1] ?? 'static');
}

function useAt(fn: FunctionText, at: number, pointer: string): Use {
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

function isTested(before: string, next: string): boolean {
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
