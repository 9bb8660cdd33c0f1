// A release that must not happen on the flagged path: the statement goes where the variable never holds anything else,
// and is made to depend on it where it holds the array of another variable.
import type { FlaggedPath, Span } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Origin, Release } from '../flow/value.ts';
import { type CallText, type FunctionText, verbatim } from './function-text.ts';
import { isInScope, localVariable, writesOf } from './local-variable.ts';
import { useAt } from './pointer-use.ts';
import { leaveOut } from './statement-edits.ts';

/** Of a pointer that is lent. Null where the variable may hold something else, which has to be released. */
export function leaveOutRelease(
  fn: FunctionText,
  release: Release,
  { at: lent }: Origin & { readonly kind: 'borrowed' },
  path: FlaggedPath,
): Fix | null {
  const found = releaseStatement(fn, release);
  if (found === null || !isOnly(fn, found.name, lent)) return null;
  const { call, name } = found;
  const from = fn.skipBlanks(fn.statementStart(call.start));
  const to = fn.code.indexOf(';', call.end) + 1;
  return {
    title: `Leave ${release.api}(${name}) out`,
    edits: [leaveOut(fn, from, to)],
    isSafe: true,
    path: withoutRelease(path),
  };
}

/** Of a pointer that holds, where it holds anything else, what this place never meets. */
export function leaveOutNonHeap(fn: FunctionText, release: Release, path: FlaggedPath): Fix | null {
  const found = releaseStatement(fn, release);
  if (found === null) return null;
  const { call, name } = found;
  const isArray = new RegExp(`\\w[\\s*]+\\b${name}\\s*\\[[^;=]*\\]\\s*[=;,]`).test(
    fn.code.slice(fn.body),
  );
  const writes = isArray ? [] : writesOf(fn, name);
  if (!isArray && localVariable(fn, name) === null) return null;
  const values = writes.map((at) => valueAt(fn, at, name));
  if (values.includes('unknown')) return null;
  const from = fn.skipBlanks(fn.statementStart(call.start));
  const to = fn.code.indexOf(';', call.end) + 1;
  return {
    title: `Leave ${release.api}(${name}) out`,
    edits: [leaveOut(fn, from, to)],
    // The one that was meant may be a block of another scope.
    isSafe: !values.includes('block') && !new RegExp(`\\b${name}\\b`).test(fn.head),
    path: withoutRelease(path),
  };
}

/** What is assigned: a literal or the address of a variable, or what an allocator gives. */
function valueAt(fn: FunctionText, at: number, name: string): 'place' | 'block' | 'unknown' {
  const value = fn.code.slice(at + name.length, fn.code.indexOf(';', at));
  if (/^\s*=\s*(?:\([^()]*\*\s*\)\s*)?(?:"\s*"|&\s*\w+)\s*(?:,|$)/.test(value)) return 'place';
  const target = /^\s*=\s*(\w+)\s*(?:,|$)/.exec(value)?.[1];
  if (target !== undefined && new RegExp(`\\b${target}\\s*\\[[^\\];]*\\]\\s*[;,=]`).test(fn.code))
    return 'place';
  const use = useAt(fn, at, name);
  return use !== null && use !== 'harmless' && use.start > at ? 'block' : 'unknown';
}

/** `if (buf != small)` before the release of what is mostly a block. */
export function guardRelease(
  fn: FunctionText,
  release: Release,
  origin: Origin & { readonly kind: 'storage' },
  path: FlaggedPath,
): Fix | null {
  const found = releaseStatement(fn, release);
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
export function releaseStatement(
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

/** `char small[64]`, in a block that the place is in too. */
function isArrayInScope(fn: FunctionText, name: string, declared: number, place: number): boolean {
  if (declared < fn.body || declared > place) return false;
  const between = fn.code.slice(fn.statementStart(declared), place);
  if (!new RegExp(`^[^;{}]*\\b${verbatim(name)}\\s*\\[`).test(between)) return false;
  return isInScope(fn, declared, place);
}

export function withoutRelease(path: FlaggedPath): FlaggedPath | null {
  const steps = path.steps.filter((_, index) => index !== path.fault);
  return steps.length === 0 ? null : { ...path, steps, fault: steps.length - 1 };
}
