// A release that comes too early moves behind the last use of the memory, where only plain statements are between.
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import type { Edit, Fix } from '../finding.ts';
import type { Reported } from '../flow/relevant-events.ts';
import type { Release } from '../flow/value.ts';
import { isObjectFamily } from '../knowledge/release.ts';
import { apiRow } from '../knowledge/row.ts';
import { isStraight, type Range } from './control-flow.ts';
import { type FunctionText, verbatim } from './function-text.ts';
import { insertBehind, leaveOut, replaceWith } from './statement-edits.ts';
import { freshName } from './local-variable.ts';
import { resultType } from './result-type.ts';

export function releaseLater(
  fn: FunctionText,
  { at, subject }: Reported & { readonly kind: 'use' },
  path: FlaggedPath,
): Fix | null {
  const { freedBy } = subject;
  if (freedBy === null || freedBy.isRealloc || freedBy.calledAt.file !== fn.source.file)
    return null;
  const release = releaseAt(fn, freedBy);
  if (release === null) return null;
  const { place, statement } = release;
  const use = fn.offsetOf(at);
  if (use < statement.end || !isPlain(fn.code.slice(statement.end, fn.statementStart(use)), place))
    return null;
  const last = lastUse(fn, use, place);
  if (last === null) return null;
  const moved = fn.text(statement.start, statement.end);
  const edits = behind(fn, last, moved);
  if (edits === null) return null;
  return {
    title: `Move ${fn.text(statement.start, statement.end - 1).trim()} behind the last use`,
    edits: [leaveOut(fn, statement.start, statement.end), ...edits],
    // What an object does at its end may be what the use waits for.
    isSafe: freedBy.row.role === 'free' && !isObjectFamily(freedBy.family),
    path: freedLast(path),
  };
}

/** `PyMem_Free(p);`, `Py_DECREF(self);`: a statement by itself. */
function releaseAt(
  fn: FunctionText,
  { row, calledAt, through }: Release,
): { readonly place: string; readonly statement: Range } | null {
  const call = through.length === 0 ? fn.callAt(fn.offsetOf(calledAt)) : null;
  const argument = row.pointerArg === null ? undefined : call?.args[row.pointerArg];
  if (call === null || argument === undefined || !fn.isStatement(call)) return null;
  const written = fn.code.slice(argument.start, argument.end);
  const place = /^\s*(?:\([^()]*\*\s*\)\s*)?(\w+(?:(?:->|\.)\w+)*)\s*$/.exec(written)?.[1];
  if (place === undefined || !/^[A-Za-z_]/.test(place)) return null;
  const start = fn.skipBlanks(fn.statementStart(call.start));
  return { place, statement: { start, end: fn.code.indexOf(';', call.end) + 1 } };
}

/** Straight on, without another value for the pointer, and in one thread state. */
function isPlain(code: string, place: string): boolean {
  const root = /^\w+/.exec(place)?.[0] ?? place;
  if (!isStraight(code) || isAssigned(code, place) || isAssigned(code, root)) return false;
  return (code.match(/[A-Za-z_]\w*/g) ?? []).every((word) => apiRow(word)?.threadState == null);
}

function isAssigned(code: string, place: string): boolean {
  const written = new RegExp(
    `(?<![\\w.>])${verbatim(place)}\\s*(?:[-+*/|&]?=(?!=)|\\+\\+|--)|(?:(?<!&)&|\\+\\+|--)\\s*${verbatim(place)}(?![\\w.[]|->)`,
  );
  return written.test(code);
}

/** The last of the statements from here on that names it; a `return` ends them. */
function lastUse(fn: FunctionText, use: number, place: string): Range | null {
  const mention = new RegExp(`(?<![\\w.>])${verbatim(place)}\\b`);
  let last: Range | null = null;
  let start = fn.skipBlanks(fn.statementStart(use));
  for (;;) {
    const semicolon = fn.code.indexOf(';', start);
    if (semicolon < 0) return last;
    const end = semicolon + 1;
    const code = fn.code.slice(start, end);
    const isReturn = /^return\b/.test(code);
    const body = isReturn ? code.slice('return'.length) : code;
    if (/[{}]/.test(code) || !isPlain(body, place)) return last;
    if (/\b(?:if|for|while|switch)\b/.test(code)) return last;
    if (mention.test(code)) last = { start, end };
    if (isReturn) return last;
    start = fn.skipBlanks(end);
  }
}

function behind(fn: FunctionText, last: Range, statement: string): readonly Edit[] | null {
  const code = fn.text(last.start, last.end);
  if (/^return\b/.test(code)) {
    const type = resultType(fn);
    const result = freshName(fn, 'result', 'returned', 'outcome');
    if (type === null || result === null) return null;
    const value = code.slice('return'.length, -1).trim();
    const declaration = `${type}${type.endsWith('*') ? '' : ' '}${result} = ${value};`;
    return replaceWith(fn, last, [declaration, statement, `return ${result};`]);
  }
  return insertBehind(fn, last.end, statement);
}

/** The step that released comes at the end. */
function freedLast(path: FlaggedPath): FlaggedPath | null {
  const at = path.steps.findLastIndex((step, index) => step.kind === 'free' && index < path.fault);
  const freed = path.steps[at];
  if (freed === undefined) return null;
  const kept = path.steps.slice(0, path.fault + 1).filter((_, index) => index !== at);
  return { ...path, steps: [...kept.map((step) => within(path, step)), freed], fault: kept.length };
}

/** A size that was chosen for the use fits into the block, now that there is one. */
function within(path: FlaggedPath, step: Step): Step {
  if ((step.kind !== 'read' && step.kind !== 'write') || !step.size.chosen) return step;
  const made = path.steps.find((other) => other.kind === 'alloc' && other.block === step.block);
  if (made?.kind !== 'alloc') return step;
  const left = Math.max(0, made.size.bytes - step.offset.bytes);
  return { ...step, size: { ...step.size, bytes: Math.min(step.size.bytes, left) } };
}
