// How control may go through the text of a function: by blocks, jumps and labels. What a text alone does not
// show counts as possible. Knows nothing of findings.
import { apiRow } from '../knowledge/row.ts';
import { PREDEFINED_MACROS } from '../preprocess/predefined.ts';
import type { FunctionText } from './function-text.ts';

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** `return`, and the macros that stand for it. */
const RETURNS: ReadonlySet<string> = new Set([
  'return',
  ...PREDEFINED_MACROS.filter(({ body }) => body.startsWith('return ')).map(({ name }) => name),
]);

export function isReturn(word: string): boolean {
  return RETURNS.has(word);
}

/** No way in or out, no end of a block that began before, nothing for the preprocessor. */
export function isStraight(code: string): boolean {
  if (/\b(?:return|goto|break|continue|case|default|do|else)\b|[#?:]/.test(code)) return false;
  const words = code.match(/[A-Za-z_]\w*/g) ?? [];
  if (words.some((word) => isReturn(word) || (mayJump(word) && isCalled(code, word)))) return false;
  let depth = 0;
  for (const c of code) {
    if (c === '{') depth++;
    if (c === '}') depth--;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/**
 * Whether control may get from a statement to a place without passing one of `stops`: statements that run
 * whenever control comes by.
 */
export function mayReach(
  fn: FunctionText,
  from: number,
  to: number,
  stops: readonly number[] = [],
): boolean {
  const seen = new Set<number>();
  const work = [from];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (goesTo(fn, at, { to, stops, work })) return true;
  }
  return false;
}

interface Walk {
  readonly to: number;
  readonly stops: readonly number[];
  /** Places that control may go to from here. */
  readonly work: number[];
}

/** One after the other in the text, up to where control surely goes elsewhere. */
function goesTo(fn: FunctionText, from: number, { to, stops, work }: Walk): boolean {
  let depth = 0;
  let outermost = 0;
  for (const { 0: word, index } of fn.code.slice(from).matchAll(/[{}]|[A-Za-z_]\w*/g)) {
    const at = from + index;
    if (at >= to && from <= to) return true;
    if (word === '{') depth++;
    else if (word === '}') {
      depth--;
      outermost = Math.min(outermost, depth);
      const loop = loopStart(fn, at);
      if (loop !== null) work.push(loop);
    }
    // Not where a condition decides.
    const isSure = depth === outermost && isOwnStatement(fn, at);
    if (
      isSure &&
      at !== from &&
      stops.some((stop) => fn.statementStart(stop) === fn.statementStart(at))
    )
      return false;
    if (word === 'break' || word === 'continue') work.push(...endsAround(fn, at));
    else if (word === 'goto') {
      const label = labelAt(fn, /^goto\s+(\w+)/.exec(fn.code.slice(at))?.[1] ?? '');
      if (label === null) return true;
      work.push(label);
    } else if (mayJump(word) && isCalled(fn.code.slice(at), word)) work.push(...labelsOf(fn));
    const leaves = isReturn(word) || ['goto', 'break', 'continue'].includes(word);
    if (isSure && leaves) return false;
  }
  return from <= to && to >= fn.end;
}

/** A macro that nobody knows, which may hide a jump. */
function mayJump(word: string): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(word) && apiRow(word) === undefined;
}

function isCalled(code: string, name: string): boolean {
  return new RegExp(`\\b${name}\\s*\\(`).test(code);
}

function isOwnStatement(fn: FunctionText, at: number): boolean {
  return fn.code.slice(fn.statementStart(at), at).trim() === '';
}

/** Behind the brace that opens the loop which ends at `close`; null: no loop does. */
function loopStart(fn: FunctionText, close: number): number | null {
  const open = openingOf(fn, close);
  const before = fn.code.slice(fn.body, open).trimEnd();
  if (/\bdo$/.test(before)) return open + 1;
  if (!before.endsWith(')')) return null;
  const head = openingOf(fn, fn.body + before.length - 1);
  return /\b(?:for|while)\s*$/.test(fn.code.slice(fn.body, head)) ? open + 1 : null;
}

/** Of the bracket that closes at `close`. */
function openingOf(fn: FunctionText, close: number): number {
  let depth = 0;
  for (let at = close; at > fn.body; at--) {
    const c = fn.code[at]!;
    if (')]}'.includes(c)) depth++;
    if ('([{'.includes(c) && --depth === 0) return at;
  }
  return fn.body;
}

/** Behind each block that `at` is in. */
function endsAround(fn: FunctionText, at: number): number[] {
  const ends: number[] = [];
  let depth = 0;
  for (let i = at; i < fn.end; i++) {
    if (fn.code[i] === '{') depth++;
    if (fn.code[i] !== '}') continue;
    // The closing brace itself, so that a loop is gone through again.
    if (depth-- === 0) {
      ends.push(i);
      depth = 0;
    }
  }
  return ends;
}

const LABEL = /(?:^|[;{}:\n])\s*(?!default\b|case\b)([A-Za-z_]\w*)\s*:(?!:)/g;

function labelsOf(fn: FunctionText): number[] {
  return [...fn.code.matchAll(LABEL)].map(({ 0: found, index }) => index + found.length);
}

function labelAt(fn: FunctionText, name: string): number | null {
  for (const { 0: found, 1: label, index } of fn.code.matchAll(LABEL))
    if (label === name) return index + found.length;
  return null;
}

/** Whether control always passes `first` before it gets to `place`, which comes later in the text. */
export function dominates(fn: FunctionText, first: Range, place: number): boolean {
  if (first.end > place) return false;
  const between = fn.code.slice(first.end, place);
  let depth = 0;
  for (const [word] of between.matchAll(/[{}]|\b(?:case|default)\b/g)) {
    if (word === '{') depth++;
    else if (word === '}') depth--;
    else if (depth === 0) return false;
    if (depth < 0) return false;
  }
  const isEntered = labelsOf(fn).some((label) => first.end < label && label <= place);
  const words = fn.code.slice(fn.body, first.start).match(/[A-Za-z_]\w*/g) ?? [];
  return !isEntered || !words.some((word) => word === 'goto' || mayJump(word));
}

/** A thread state was given up before, in the order of the text, and not taken back. */
export function isDetachedAt(fn: FunctionText, offset: number): boolean {
  const words = fn.code.slice(fn.body, offset).matchAll(/[A-Za-z_]\w*/g);
  let detached = false;
  for (const [word] of words) {
    const effect = apiRow(word)?.threadState ?? null;
    if (effect !== null) detached = effect === 'detach';
  }
  return detached;
}
