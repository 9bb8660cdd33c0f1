// A block that is lost where the function returns is released right before. Only of a local pointer that holds it
// there, or NULL, whatever way the function came; null where that is not sure.
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import type { Edit, Fix } from '../finding.ts';
import type { Reported } from '../flow/relevant-events.ts';
import type { Allocation } from '../flow/value.ts';
import { preferredRelease } from '../knowledge/release.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import { dominates, isDetachedAt, isReturn, mayReach, type Range } from './control-flow.ts';
import type { FunctionText } from './function-text.ts';
import { insertBefore, replaceWith } from './statement-edits.ts';
import {
  freshName,
  isInScope,
  type LocalVariable,
  localVariable,
  writesOf,
} from './local-variable.ts';
import { useAt } from './pointer-use.ts';
import { resultType } from './result-type.ts';

export function releaseBeforeReturn(
  fn: FunctionText,
  { loss, at }: Reported & { readonly kind: 'leak' },
  allocation: Allocation,
  path: FlaggedPath,
): Fix | null {
  const free = plainRelease(allocation);
  const variable = localVariable(fn, allocation.pointer);
  if (loss.how !== 'return' || free === null || variable === null) return null;
  const exit = exitAt(fn, fn.offsetOf(at));
  if (exit === null || !isHeldAt(fn, variable, exit.start, { allocation, free })) return null;
  if (free.requiresThreadState && isDetachedAt(fn, exit.start)) return null;
  const { name, type } = variable;
  const call = `${free.name}(${/\bconst\b[^*]*\*$/.test(type) ? '(void *)' : ''}${name});`;
  const edits = beforeExit(fn, exit, call, name);
  if (edits === null) return null;
  const title = `Release '${name}' with ${free.name} before the function ends`;
  return { title, edits, isSafe: true, path: releasedBefore(path, free) };
}

/** The function to call with the pointer alone, whether it is NULL or not; null: none. */
export function plainRelease(allocation: Allocation): ApiRow | null {
  const { through, at, calledAt, row } = allocation;
  if (through.length > 0 || at.line !== calledAt.line || at.column !== calledAt.column) return null;
  if (row.role === 'object-alloc' || allocation.isAssumed) return null;
  const free = apiRow(preferredRelease(allocation) ?? '');
  const isPlain = free?.role === 'free' && free.pointerArg === 0 && free.kind === 'function';
  return isPlain && free.nullOk && !free.signature?.includes(',') ? free : null;
}

interface Block {
  readonly allocation: Allocation;
  readonly free: ApiRow;
}

interface Exit extends Range {
  /** What is returned, where that is written; null: the end of the function. */
  readonly value: string | null;
}

/** The `return …;` that begins there, or the brace that ends the function. */
function exitAt(fn: FunctionText, start: number): Exit | null {
  if (fn.code[start] === '}')
    return fn.code.slice(start + 1).trim() === '' ? { start, end: start, value: null } : null;
  const word = /^\w+/.exec(fn.code.slice(start, start + 100))?.[0] ?? '';
  const semicolon = fn.code.indexOf(';', start);
  if (!isReturn(word) || semicolon < 0) return null;
  const value = word === 'return' ? fn.text(start + word.length, semicolon).trim() : '';
  return { start, end: semicolon + 1, value };
}

/** Whatever way control came to the place, the variable is NULL or holds a block that nobody else knows. */
function isHeldAt(fn: FunctionText, variable: LocalVariable, place: number, block: Block): boolean {
  const { name, declared } = variable;
  const writes = writesOf(fn, name);
  if (/^[ \t]*#/m.test(fn.code.slice(declared, place)) || !isInScope(fn, declared, place))
    return false;
  if (!writes.every((at) => isAllocation(fn, name, at, block))) return false;
  if (!isInitialized(fn, variable, writes, place)) return false;
  if (isOverwritten(fn, writes, fn.offsetOf(block.allocation.calledAt), place)) return false;
  return fn.usesOf(name).every((at) => {
    if (at === declared || writes.includes(at)) return true;
    const from = fn.statementStart(at);
    // What the place itself, or another return, does with it comes to an end there.
    const returns = /\breturn\b[^;]*$/.test(fn.code.slice(from, at));
    if (returns || !mayReach(fn, fn.skipBlanks(from), place, writes)) return true;
    const use = useAt(fn, at, name);
    if (use === null) return false;
    return (
      use === 'harmless' || isAllocation(fn, name, at, block) || isResized(fn, name, use.start)
    );
  });
}

/** `p = malloc(n)`, or `&p` for a call that fills it; only with what the same function releases. */
function isAllocation(
  fn: FunctionText,
  name: string,
  at: number,
  { allocation, free }: Block,
): boolean {
  const before = fn.code.slice(fn.statementStart(at), at);
  if (/&\s*$/.test(before)) {
    // What else it may be given is not told by its name alone.
    return fn.callAround(at)?.call.start === fn.offsetOf(allocation.calledAt);
  }
  const use = useAt(fn, at, name);
  if (use === null || use === 'harmless') return false;
  const row = apiRow(use.name);
  const gives = row?.role === 'alloc' || row?.role === 'realloc';
  return gives && use.start > at && row.family === free.family;
}

/** The argument of `p = realloc(p, n)`. */
function isResized(fn: FunctionText, name: string, call: number): boolean {
  const before = fn.code.slice(fn.statementStart(call), call);
  return new RegExp(`\\b${name}\\s*=\\s*(?:\\([^()]*\\*\\s*\\)\\s*)?$`).test(before);
}

/** Between the allocation and the place the variable may get another block. */
function isOverwritten(
  fn: FunctionText,
  writes: readonly number[],
  allocated: number,
  place: number,
): boolean {
  const own = fn.statementStart(allocated);
  const behind = fn.code.indexOf(';', allocated) + 1;
  return writes.some(
    (at) =>
      fn.statementStart(at) !== own &&
      mayReach(fn, behind, at) &&
      mayReach(fn, fn.skipBlanks(fn.statementStart(at)), place),
  );
}

function isInitialized(
  fn: FunctionText,
  { name, declared }: LocalVariable,
  writes: readonly number[],
  place: number,
): boolean {
  const places = fn.code[fn.skipBlanks(declared + name.length)] === '=' ? [declared] : [];
  return [...places, ...writes].some((at) => {
    const passed = passedAt(fn, at);
    return passed !== null && dominates(fn, passed, place);
  });
}

/** The statement that writes there: whoever is behind it has passed the write. Null: not everybody. */
function passedAt(fn: FunctionText, at: number): Range | null {
  const start = fn.skipBlanks(fn.statementStart(at));
  const semicolon = fn.code.indexOf(';', at);
  if (semicolon < 0) return null;
  const before = fn.code.slice(start, at);
  if (/\?|&&|\|\||\b(?:for|while|switch|else|case|do)\b/.test(before)) return null;
  if (!/^if\b/.test(before)) {
    const isDeclared = /^(?:[\w\s*]|\(\s*void\s*\))*$/.test(before);
    return isDeclared && !/:/.test(before) ? { start, end: semicolon + 1 } : null;
  }
  return guarded(fn, start, at);
}

/** `if (!fill(&p)) return NULL;`: behind it the call has worked. */
function guarded(fn: FunctionText, start: number, at: number): Range | null {
  const condition = fn.callAt(start);
  if (condition === null || at > condition.end) return null;
  const text = fn.code.slice(start, condition.end);
  if (/&&|\?/.test(text)) return null;
  const body = fn.skipBlanks(condition.end);
  const end =
    fn.code[body] === '{' ? fn.code.indexOf('}', body) + 1 : fn.code.indexOf(';', body) + 1;
  const code = fn.code.slice(body, end);
  if (
    end <= 0 ||
    /[{]/.test(code.slice(1)) ||
    !/\b(?:return\b[^;]*|goto\s+\w+\s*);\s*\}?$/.test(code)
  )
    return null;
  if (fn.code[body] !== '{' && !/^(?:return|goto)\b/.test(code)) return null;
  return /^\s*else\b/.test(fn.code.slice(end)) ? null : { start, end };
}

function beforeExit(
  fn: FunctionText,
  exit: Exit,
  call: string,
  name: string,
): readonly Edit[] | null {
  const { value, start, end } = exit;
  if (value === null) {
    const line = fn.lineStart(start);
    const isAlone = fn.code.slice(line, start).trim() === '';
    if (!isAlone || fn.code[fn.statementStart(line) - 1] === ')') return null;
    // A label needs a statement, and a condition would govern the release.
    if (fn.code.slice(fn.statementStart(start), start).trim() !== '') return null;
    return [{ at: fn.span(line, line), newText: `${fn.indentAt(start)}${fn.unit}${call}\n` }];
  }
  if (isIndifferent(value) && !new RegExp(`\\b${name}\\b`).test(value))
    return insertBefore(fn, exit, call);
  const type = resultType(fn);
  const result = freshName(fn, 'result', 'returned', 'outcome');
  if (type === null || result === null) return null;
  const declaration = `${type}${type.endsWith('*') ? '' : ' '}${result} = ${value};`;
  return replaceWith(fn, { start, end }, [declaration, call, `return ${result};`]);
}

/** Whether it is the same after a release: a name, a number, or what sets an exception and gives NULL. */
function isIndifferent(value: string): boolean {
  if (!value.includes('(')) return !/->|\[|\*/.test(value);
  // A release may change the error number of the system.
  if (/errno|windowserr|lasterror/i.test(value)) return false;
  const row = apiRow(/^(\w+)\s*\([^()]*\)$/.exec(value)?.[1] ?? '');
  return row?.raises === true || row?.returnsNull === true;
}

/** The path releases the block before the step at which it was lost. */
export function releasedBefore(path: FlaggedPath, free: ApiRow): FlaggedPath | null {
  const lost = path.steps[path.fault];
  if (lost === undefined || !('block' in lost) || free.family === null) return null;
  const held = path.steps.findLast((step) => 'pointer' in step && step.block === lost.block);
  const step: Step = {
    at: lost.at,
    text: lost.text,
    kind: 'free',
    block: lost.block,
    pointer: held !== undefined && 'pointer' in held ? held.pointer : '',
    api: free.name,
    family: free.family,
    offset: 0,
  };
  const steps = [...path.steps.slice(0, path.fault), step, ...path.steps.slice(path.fault)];
  return { ...path, steps, fault: path.fault + 1 };
}
