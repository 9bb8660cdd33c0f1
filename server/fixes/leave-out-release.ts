// A release that must not happen on the flagged path: the statement goes where the variable never holds anything else,
// and is made to depend on it where it holds the array of another variable.
import type { FlaggedPath, Span } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Origin, Release } from '../flow/value.ts';
import { type CallText, type FunctionText, verbatim } from './function-text.ts';

/** Of a pointer that is lent. Null where the variable may hold something else, which has to be released. */
export function leaveOutRelease(
  fn: FunctionText,
  release: Release,
  { at: lent }: Origin & { readonly kind: 'borrowed' },
  path: FlaggedPath,
): Fix | null {
  const found = plainRelease(fn, release);
  if (found === null || !isOnly(fn, found.name, lent)) return null;
  const { call, name } = found;
  const from = fn.skipBlanks(fn.statementStart(call.start));
  const to = fn.code.indexOf(';', call.end) + 1;
  return {
    title: `Leave ${release.api}(${name}) out`,
    edits: [{ at: lineOrStatement(fn, from, to), newText: '' }],
    isSafe: true,
    path: withoutRelease(path),
  };
}

/** `if (buf != small)` before the release of what is mostly a block. */
export function guardRelease(
  fn: FunctionText,
  release: Release,
  origin: Origin & { readonly kind: 'storage' },
  path: FlaggedPath,
): Fix | null {
  const found = plainRelease(fn, release);
  if (found === null || found.name === origin.name || origin.at === null) return null;
  const { call, name } = found;
  if (!isArrayInScope(fn, origin.name, fn.offsetOf(origin.at), call.start)) return null;
  const from = fn.skipBlanks(fn.statementStart(call.start));
  return {
    title: `Release '${name}' only where it is not '${origin.name}'`,
    edits: [
      {
        at: fn.span(from, from),
        newText: `if (${name} != ${origin.name})\n${fn.indentAt(from)}${fn.unit}`,
      },
    ],
    isSafe: true,
    path: withoutRelease(path),
  };
}

/** A statement by itself, which releases what a variable holds. */
function plainRelease(
  fn: FunctionText,
  { row, calledAt, through, isRealloc }: Release,
): { readonly call: CallText; readonly name: string } | null {
  if (isRealloc || through.length > 0) return null;
  const call = fn.callAt(fn.offsetOf(calledAt));
  const argument = row.pointerArg === null ? undefined : call?.args[row.pointerArg];
  if (call === null || argument === undefined || !fn.isStatement(call)) return null;
  const written = fn.code.slice(argument.start, argument.end);
  const name = /^\s*(?:\([^()]*\*\s*\)\s*)?([A-Za-z_]\w*)\s*$/.exec(written)?.[1];
  return name === undefined ? null : { call, name };
}

/** The variable gets what is lent there, and nothing else ever but NULL. */
function isOnly(fn: FunctionText, name: string, lent: Span): boolean {
  const [write, ...others] = writesOf(fn, name);
  if (write === undefined || others.length > 0 || lent.file !== fn.source.file) return false;
  const end = fn.code.indexOf(';', write);
  const offset = fn.offsetOf(lent);
  const isThere = fn.statementStart(write) <= offset && offset < end;
  return isThere && !fn.code.slice(write, end).includes('?');
}

/** Assignments and initializers, but for those with NULL, and every place that gets the variable's address. */
function writesOf(fn: FunctionText, name: string): readonly number[] {
  const isWritten = (at: number): boolean => {
    const behind = fn.code.slice(at + name.length);
    if (/^\s*=\s*(?:NULL|0)\s*[;,]/.test(behind)) return false;
    const isAssigned = /^\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|^\s*(?:\+\+|--)/.test(behind);
    return isAssigned || /(?:(?<!&)&|\+\+|--)\s*$/.test(fn.code.slice(0, at));
  };
  return fn.usesOf(name).filter(isWritten);
}

/** `char small[64]`, in a block that the place is in too. */
function isArrayInScope(fn: FunctionText, name: string, declared: number, place: number): boolean {
  if (declared < fn.body || declared > place) return false;
  const between = fn.code.slice(fn.statementStart(declared), place);
  if (!new RegExp(`^[^;{}]*\\b${verbatim(name)}\\s*\\[`).test(between)) return false;
  let depth = 0;
  for (const c of between) {
    if (c === '{') depth++;
    if (c === '}' && --depth < 0) return false;
  }
  return true;
}

/** The whole line where nothing else stands on it. */
function lineOrStatement(fn: FunctionText, from: number, to: number) {
  const start = fn.lineStart(from);
  const end = fn.lineEnd(to);
  const isAlone = fn.code.slice(start, from).trim() === '' && fn.code.slice(to, end).trim() === '';
  const opens = fn.text(to, end).lastIndexOf('/*') > fn.text(to, end).lastIndexOf('*/');
  return isAlone && !opens ? fn.span(start, end) : fn.span(from, to);
}

function withoutRelease(path: FlaggedPath): FlaggedPath | null {
  const steps = path.steps.filter((_, index) => index !== path.fault);
  return steps.length === 0 ? null : { ...path, steps, fault: steps.length - 1 };
}
