// A block that is made for an argument and that nobody keeps: it gets a name, and is released behind the call.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Allocation } from '../flow/value.ts';
import { apiRow } from '../knowledge/row.ts';
import { isDetachedAt, type Range } from './control-flow.ts';
import type { CallText, FunctionText } from './function-text.ts';
import { replaceWith } from './statement-edits.ts';
import { freshName } from './local-variable.ts';
import { plainRelease, releasedBefore } from './release-before-return.ts';
import { resultType } from './result-type.ts';

export function keepArgument(
  fn: FunctionText,
  allocation: Allocation,
  path: FlaggedPath,
): Fix | null {
  const free = plainRelease(allocation);
  const inner = fn.callAt(fn.offsetOf(allocation.calledAt));
  const outer = inner && fn.callAround(inner.start);
  if (free === null || inner === null || outer === null || outer === undefined) return null;
  const row = apiRow(outer.call.name);
  // What the call returns may lead into the block.
  if (row === undefined || row.returnsArg !== null || row.returnsInterior !== null) return null;
  if (!isAlone(fn, outer.call, outer.index, inner)) return null;
  if (free.requiresThreadState && isDetachedAt(fn, inner.start)) return null;
  const statement = statementOf(fn, outer.call);
  // Without a prototype in view the pointer has no type that C++ would take.
  const made = /^((?:const\s+)?\w+\s*\*)\s*\w+\s*\(/.exec(allocation.row.signature ?? '')?.[1];
  const kept = freshName(fn, 'copy', 'block', 'kept');
  if (statement === null || made === undefined || kept === null) return null;
  const { start, end } = statement;
  const before = fn.text(start, inner.start);
  const call = before + kept + fn.text(inner.end, end);
  const declared = `${made.replace(/\s*\*$/, ' *')}${kept} = ${fn.text(inner.start, inner.end)};`;
  const lines = /^return\b/.test(call)
    ? returning(fn, call, `${free.name}(${kept});`)
    : [call, `${free.name}(${kept});`];
  const edits = lines && replaceWith(fn, statement, [declared, ...lines]);
  if (edits === null) return null;
  return {
    title: `Keep the block in '${kept}' and release it with ${free.name}`,
    edits,
    isSafe: true,
    path: releasedBefore(path, free),
  };
}

/** The block is the whole argument, and what stands beside it neither calls nor assigns. */
function isAlone(fn: FunctionText, outer: CallText, index: number, inner: CallText): boolean {
  return outer.args.every(({ start, end }, at) => {
    const code = fn.code.slice(start, end).trim();
    if (at !== index) return !/[(?]|\+\+|--|(?<![=!<>])=(?!=)/.test(code);
    return fn.skipBlanks(start) === inner.start && fn.skipBlanks(inner.end) === end;
  });
}

/** `return f(…);`, `f(…);`, `x = f(…);` around the call. */
function statementOf(fn: FunctionText, call: CallText): Range | null {
  const semicolon = fn.skipBlanks(call.end);
  if (fn.code[semicolon] !== ';') return null;
  const prefix = fn.code.slice(fn.statementStart(call.start), call.start);
  const own = /(?:\breturn\s+|[\w.>*\s-]*[^=!<>]=\s*|)$/.exec(lastLine(prefix))?.[0] ?? '';
  const start = fn.skipBlanks(call.start - own.length);
  const isDeclared = /\w[\s*]+\w+\s*=\s*$/.test(own);
  return isDeclared && /\)\s*$/.test(prefix.slice(0, -own.length))
    ? null
    : { start, end: semicolon + 1 };
}

/** Without the condition that governs the statement. */
function lastLine(prefix: string): string {
  return prefix.slice(Math.max(prefix.lastIndexOf(')'), prefix.lastIndexOf(':')) + 1);
}

function returning(fn: FunctionText, call: string, release: string): readonly string[] | null {
  const type = resultType(fn);
  const result = freshName(fn, 'result', 'returned', 'outcome');
  if (type === null || result === null) return null;
  const value = call.slice('return'.length, -1).trim();
  return [
    `${type}${type.endsWith('*') ? '' : ' '}${result} = ${value};`,
    release,
    `return ${result};`,
  ];
}
