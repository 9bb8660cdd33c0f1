// A pointer into a block is released: the fix releases the block's start, from the variable that holds it still, or
// from one that is declared for it where the pointer is moved.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Edit, Fix } from '../finding.ts';
import type { Allocation, Release } from '../flow/value.ts';
import { apiRow } from '../knowledge/row.ts';
import { dominates, mayReach } from './control-flow.ts';
import type { CallText, FunctionText } from './function-text.ts';
import { insertBehind } from './statement-edits.ts';
import { releaseStatement } from './leave-out-release.ts';
import {
  freshName,
  isInScope,
  type LocalVariable,
  localVariable,
  writesOf,
} from './local-variable.ts';
import { useAt } from './pointer-use.ts';

export function releaseStart(
  fn: FunctionText,
  release: Release,
  allocation: Allocation,
  path: FlaggedPath,
): Fix | null {
  const found = releaseStatement(fn, release);
  const variable = localVariable(fn, allocation.pointer);
  if (found === null || variable === null || allocation.calledAt.file !== fn.source.file)
    return null;
  const { call, name } = found;
  const allocated = allocatedAt(fn, variable, fn.offsetOf(allocation.calledAt));
  if (allocated === null || !isInScope(fn, variable.declared, call.start)) return null;
  if (!dominates(fn, { start: allocated.write, end: allocated.end }, call.start)) return null;
  return name === variable.name
    ? keepStart(fn, variable, allocated, path)
    : fromStart(fn, { call, name, index: release.row.pointerArg ?? 0 }, variable, path);
}

interface Allocated {
  /** Where the variable is written. */
  readonly write: number;
  /** Behind the semicolon. */
  readonly end: number;
}

/** `p = malloc(n);`, the only value that the variable gets; it may be moved afterwards. */
function allocatedAt(fn: FunctionText, { name }: LocalVariable, call: number): Allocated | null {
  const [write, ...others] = writesOf(fn, name).filter((at) => !isMove(fn, at, name));
  if (write === undefined || others.length > 0) return null;
  const end = fn.code.indexOf(';', write) + 1;
  const before = fn.code.slice(fn.statementStart(write), write);
  const isPlain =
    /^\s*(?:(?:\w+\s+)*\w+\s*\*+\s*)?$/.test(before) && !/\b(?:else|do)\b/.test(before);
  return isPlain && write < call && call < end && !fn.code.slice(write, end).includes('?')
    ? { write, end }
    : null;
}

/** `p++`, `--p`, `p += n`. */
function isMove(fn: FunctionText, at: number, name: string): boolean {
  const behind = fn.code.slice(at + name.length);
  if (/^\s*(?:\+\+|--|[-+]=)/.test(behind)) return true;
  return /(?:\+\+|--)\s*$/.test(fn.code.slice(0, at));
}

/** A variable that keeps the start, for every release that a moved pointer may come to. */
function keepStart(
  fn: FunctionText,
  { name, type }: LocalVariable,
  { end }: Allocated,
  path: FlaggedPath,
): Fix | null {
  const start = freshName(fn, `${name}_start`, `${name}_block`, `start_of_${name}`);
  if (start === null) return null;
  const moves = writesOf(fn, name).filter((at) => isMove(fn, at, name));
  const edits: Edit[] = insertBehind(fn, end, `${type}${start} = ${name};`);
  for (const at of fn.usesOf(name)) {
    const use = useAt(fn, at, name);
    if (use === null || use === 'harmless' || use.start > at) continue;
    if (!moves.some((move) => mayReach(fn, fn.skipBlanks(fn.statementStart(move)), at))) continue;
    if (apiRow(use.name)?.role !== 'free') return null;
    edits.push({ at: fn.span(at, at + name.length), newText: start });
  }
  return {
    title: `Keep the start of the block in '${start}' and release that`,
    edits,
    isSafe: true,
    path: fromOffsetZero(path, start),
  };
}

interface ReleaseCall {
  readonly call: CallText;
  readonly name: string;
  readonly index: number;
}

/** The variable that the block came to is where it was, and nobody else releases it behind this. */
function fromStart(
  fn: FunctionText,
  { call, name, index }: ReleaseCall,
  { name: start }: LocalVariable,
  path: FlaggedPath,
): Fix | null {
  const writes = writesOf(fn, start);
  if (writes.some((at) => isMove(fn, at, start))) return null;
  for (const at of fn.usesOf(start)) {
    const use = useAt(fn, at, start);
    if (use !== null && (use === 'harmless' || use.start > at)) continue;
    const before = fn.skipBlanks(fn.statementStart(at));
    if (use !== null && mayReach(fn, before, call.start, writes)) return null;
    if (mayReach(fn, fn.code.indexOf(';', call.end) + 1, at, writes)) return null;
  }
  const argument = call.args[index];
  if (argument === undefined) return null;
  const written = fn.code.slice(argument.start, argument.end);
  const at = argument.start + written.lastIndexOf(name);
  return {
    title: `Release '${start}', the start of the block`,
    edits: [{ at: fn.span(at, at + name.length), newText: start }],
    isSafe: true,
    path: fromOffsetZero(path, start),
  };
}

function fromOffsetZero(path: FlaggedPath, pointer: string): FlaggedPath {
  const steps = path.steps.map((step, index) =>
    index === path.fault && step.kind === 'free' ? { ...step, pointer, offset: 0 } : step,
  );
  return { ...path, steps };
}
