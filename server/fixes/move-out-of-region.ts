// Moves a call out of a region without a thread state: an allocation before the detach, a release behind the
// attach. Only of a plain statement of the region's own block, where nothing in between depends on it.
import type { FlaggedPath, Step } from '../../simulator/flagged-path.ts';
import type { Fix } from '../finding.ts';
import type { Reported } from '../flow/relevant-events.ts';
import { apiRow } from '../knowledge/row.ts';
import { isStraight, type Range } from './control-flow.ts';
import type { FunctionText } from './function-text.ts';

type DetachedCall = Reported & { readonly kind: 'detached-call' };

/** Null where that is not sure to do the same. */
export function moveOutOfRegion(
  fn: FunctionText,
  { call, detached }: DetachedCall,
  path: FlaggedPath,
): Fix | null {
  if (call.through.length > 0 || detached.how !== 'call') return null;
  if (detached.at.file !== call.at.file) return null;
  const detach = threadCall(fn, fn.offsetOf(detached.at), 'detach');
  const statement = lineStatement(fn, fn.offsetOf(call.at));
  if (detach === null || statement === null || statement.start < detach.end) return null;
  const attach = nextAttach(fn, statement.end);
  if (attach === null) return null;
  switch (call.use) {
    case 'allocates':
    case 'creates':
      return before(fn, { statement, detach, attach }, path);
    case 'releases':
    case 'drops':
      return behind(fn, { statement, detach, attach }, path);
    case 'resizes':
      return null;
  }
}

/** The type that a declaration begins with, the name, the value. */
const ASSIGNMENT = /^((?:\w+(?:\s+|(?=\*))|\*\s*)*)(\w+)\s*=(?!=)\s*([^;]*);$/;

interface Region {
  readonly statement: Range;
  readonly detach: ThreadCall;
  readonly attach: ThreadCall;
}

/** With its semicolon, where it has one. */
interface ThreadCall extends Range {
  readonly name: string;
}

function before(
  fn: FunctionText,
  { statement, detach, attach }: Region,
  path: FlaggedPath,
): Fix | null {
  const code = fn.code.slice(statement.start, statement.end);
  const [, type = '', target = '', value = ''] = ASSIGNMENT.exec(code) ?? [];
  if (target === '' || /\b(?:return|else|do|static)\b/.test(type)) return null;
  if (/=|\+\+|--/.test(value)) return null;
  const between = fn.code.slice(detach.end, statement.start);
  if (!isStraight(between) || between.includes('(')) return null;
  if (mentions(between, wordsOf(`${target} ${value}`))) return null;
  if (type !== '' && !isOwn(fn, target, { start: statement.start, end: attach.start })) return null;
  const { fault } = path;
  const at = path.steps.findLastIndex((step, index) => index < fault && isDetach(step));
  const moved = path.steps[fault];
  return {
    title: `Move the call before ${detach.name}`,
    edits: moveLine(fn, statement, { to: fn.lineStart(detach.start), like: detach.start }),
    isSafe: true,
    path:
      at < 0 || moved === undefined
        ? null
        : {
            ...path,
            steps: [...path.steps.slice(0, at), moved, ...path.steps.slice(at, fault)],
            fault: at,
          },
  };
}

function behind(
  fn: FunctionText,
  { statement, detach, attach }: Region,
  path: FlaggedPath,
): Fix | null {
  const code = fn.code.slice(statement.start, statement.end);
  const pointer = /^(?:\(\s*void\s*\)\s*)?\w+\s*\(\s*(\w+)\s*\)\s*;$/.exec(code)?.[1];
  if (pointer === undefined) return null;
  const between = fn.code.slice(statement.end, attach.start);
  if (!isStraight(between) || mentions(between, [pointer])) return null;
  // A name of the region is gone where it ends.
  if ((fn.usesOf(pointer)[0] ?? detach.start) >= detach.start) return null;
  const { fault, steps } = path;
  const released = steps[fault];
  const attached = {
    at: fn.span(attach.start, attach.end),
    text: fn.text(attach.start, attach.end),
    kind: 'thread-state',
    attached: true,
  } as const;
  return {
    title: `Move the call behind ${attach.name}`,
    edits: moveLine(fn, statement, { to: fn.lineEnd(attach.end), like: attach.start }),
    isSafe: true,
    path:
      released === undefined
        ? null
        : { ...path, steps: [...steps.slice(0, fault), attached, released], fault: fault + 1 },
  };
}

/** The whole line goes, with its comment. `to`: the start of a line. */
function moveLine(
  fn: FunctionText,
  { start, end }: Range,
  { to, like }: { readonly to: number; readonly like: number },
): Fix['edits'] {
  const [first, last] = [fn.lineStart(start), fn.lineEnd(end)];
  const text = fn.text(start, last).trimEnd();
  return [
    { at: fn.span(first, last), newText: '' },
    { at: fn.span(to, to), newText: `${fn.indentAt(like)}${text}\n` },
  ];
}

/** The statement that `offset` is in, when it has its lines for itself; a macro may stand before it. */
function lineStatement(fn: FunctionText, offset: number): Range | null {
  const line = fn.lineStart(offset);
  const start = fn.skipBlanks(line);
  const semicolon = fn.code.indexOf(';', offset);
  if (start > offset || semicolon < 0 || fn.code.slice(start, semicolon).includes('{')) return null;
  const end = semicolon + 1;
  const isAlone = fn.code.slice(end, fn.lineEnd(end)).trim() === '';
  const above = fn.code.slice(fn.statementStart(start), start).trim();
  const isFirst = above === '' || apiRow(above)?.threadState === 'detach';
  return isAlone && isFirst ? { start, end } : null;
}

/** What gets the thread state, with its declaration. */
const SAVED = /^(?:(?!(?:return|else|do)\b)[\w\s*]*=)?$/;

function threadCall(
  fn: FunctionText,
  offset: number,
  effect: 'attach' | 'detach',
): ThreadCall | null {
  const name = /^[A-Za-z_]\w*/.exec(fn.code.slice(offset, offset + 200))?.[0] ?? '';
  if (apiRow(name)?.threadState !== effect) return null;
  const end = fn.callAt(offset)?.end ?? offset + name.length;
  const next = fn.skipBlanks(end);
  // A condition on the line above would decide about what is moved.
  const prefix = fn.code.slice(fn.statementStart(offset), offset).trim();
  const isStatement = effect === 'detach' ? SAVED.test(prefix) : prefix === '';
  if (!isStatement || fn.code.slice(end, fn.lineEnd(end)).replace(';', '').trim() !== '')
    return null;
  return {
    name,
    start: fn.skipBlanks(fn.lineStart(offset)),
    end: fn.code[next] === ';' ? next + 1 : end,
  };
}

/** In the same block; what comes between may have blocks of its own. */
function nextAttach(fn: FunctionText, from: number): ThreadCall | null {
  let depth = 0;
  for (const { 0: found, index } of fn.code.slice(from).matchAll(/[{}]|[A-Za-z_]\w*/g)) {
    if (found === '{') depth++;
    else if (found === '}') depth--;
    else if (apiRow(found)?.threadState)
      return depth === 0 ? threadCall(fn, from + index, 'attach') : null;
    if (depth < 0) return null;
  }
  return null;
}

function mentions(code: string, words: readonly string[]): boolean {
  return wordsOf(code).some((word) => words.includes(word));
}

function wordsOf(code: string): readonly string[] {
  return code.match(/[A-Za-z_]\w*/g) ?? [];
}

/** The name is used nowhere else: what it is declared as may stand in the block around. */
function isOwn(fn: FunctionText, name: string, { start, end }: Range): boolean {
  const isInside = fn.usesOf(name).every((at) => start <= at && at < end);
  return isInside && !/\b(?:goto|switch)\b/.test(fn.code);
}

function isDetach(step: Step): boolean {
  return step.kind === 'thread-state' && !step.attached;
}
