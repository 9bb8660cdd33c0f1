// What a function has lost when it ends: the losses on its paths, and what only its locals still hold. Whether
// each of them is certain follows from all of its ways out together.
import { apiRow } from '../knowledge/row.ts';
import { type Listener, preprocessorFacts, subjectAtStart } from './events.ts';
import type { Exit, Exploration } from './explore.ts';
import { passesTwice } from './first-time-guard.ts';
import type { Frame } from './frame.ts';
import type { Loss } from './loss.ts';
import { isHeldOutside, isTold, lossOf } from './ownership.ts';
import { RepeatedTests } from './repeated-tests.ts';
import type { State } from './state.ts';
import { placeKey, type Trace } from './trace.ts';
import type { Id, Origin, Value } from './value.ts';
import { isBorrowed } from './lending.ts';
import { skipsTurn } from './taking-turns.ts';

/** Tells what is lost on the ways out of the function. */
export function reportLosses(
  frame: Frame,
  { exits, cutLosses }: Pick<Exploration, 'exits' | 'cutLosses'>,
  result: { readonly mayBePointer: boolean; readonly isNullOnError: boolean },
  listen: Listener,
): void {
  const tests = new RepeatedTests(frame.cfg);
  const { lending } = frame;
  const givesPointer = exits.some(({ value }) => value?.kind === 'ref' && isPointer(frame, value));
  const givesValue = exits.some(({ value }) => value !== null);
  for (const exit of exits) {
    if (isFailure(exit, givesPointer)) continue;
    const { state } = exit;
    for (const id of state.escaped.keys()) lending.noteKept(state, id);
  }
  const escaping = new Set(
    exits.flatMap(({ state }) =>
      [...state.escaped.keys()]
        .filter((id) => !lending.isOwn(state, id) && !isNobodys(frame, state, id))
        .map(siteOf),
    ),
  );
  const found: { readonly exit: Exit | null; readonly loss: Loss }[] = cutLosses.map((loss) => ({
    exit: null,
    loss,
  }));
  for (const exit of exits) {
    const { state, value, at } = exit;
    // The end of a function that gives a value elsewhere is not meant to be reached.
    if (value === null && givesValue) continue;
    // After a call out of view an exception tells of a failure that may have ended the block.
    const isOwn = (id: Id): boolean =>
      ((isFailure(exit, givesPointer) && lending.isOwn(state, id)) ||
        isNobodys(frame, state, id)) &&
      !findsException(state.trace);
    const carried = result.mayBePointer ? value : null;
    const atEnd = heldByLocals(frame, state, carried, isOwn).map((id): Loss => {
      const end = { id, how: 'return', place: '', release: null, trace: state.trace, at } as const;
      return isHeldOutside(state, id, '%') ? end : (lossOf(frame, state, id) ?? end);
    });
    for (const loss of [...state.losses, ...atEnd]) found.push({ exit, loss });
  }
  const builds = buildsOf(found.map(({ loss }) => loss));
  for (const { exit, loss } of found) {
    if (tests.contradicts(loss.trace)) continue;
    const { id } = loss;
    // Elsewhere the block gets an owner: only a failure is sure to have none.
    const isOwned = escaping.has(siteOf(id)) && loss.how !== 'resize';
    const fails =
      exit !== null &&
      loss.how === 'return' &&
      isFailure(exit, givesPointer || result.isNullOnError);
    const origin = frame.origins.get(id) ?? null;
    const isCertain =
      (!isOwned || fails) &&
      !dependsOn(loss, origin, builds) &&
      isKnownToLose(frame, loss) &&
      !isJudgedAsFailure(frame, loss) &&
      !passesTwice(frame.cfg, loss) &&
      !skipsTurn(frame.cfg, loss);
    const isBorrowedToo = exit !== null && isNobodys(frame, exit.state, id);
    listen({
      kind: 'leak',
      subject: subjectAtStart(id, origin, null),
      loss,
      certainty: !isCertain ? 'contested' : isBorrowedToo ? 'likely' : 'certain',
      trace: loss.trace,
      compiledIf: exit === null ? new Map() : preprocessorFacts(exit.state.facts),
      at: loss.at,
    });
  }
}

/** Of a block that is only assumed to be one: other paths show that it is the function's. */
function isKnownToLose(frame: Frame, { id, trace, at }: Loss): boolean {
  const origin = frame.origins.get(id);
  if (origin?.kind !== 'allocation' || !origin.allocation.isAssumed) return true;
  if (asksStatus(frame, trace, id)) return false;
  return frame.assumed.isLost(id, trace, at);
}

/** The path goes by what the call wrote into a status: `list = get_list(&rc); if (rc != OK) …`. */
function asksStatus(frame: Frame, trace: Trace | null, id: Id): boolean {
  const conditions: string[] = [];
  for (let t = trace; t !== null; t = t.previous) {
    if (t.event.kind === 'branch') conditions.push(t.event.condition);
    if (t.event.kind !== 'alloc' || t.event.id !== id) continue;
    const { line } = t.event.allocation.calledAt;
    return frame.cfg.blocks.some(({ instructions }) =>
      instructions.some(
        (i) =>
          i.op === 'call' &&
          i.at.line === line &&
          i.arguments.some(({ text }) => {
            const name = /^&\s*(\w+)$/.exec(text)?.[1];
            return name !== undefined && conditions.some((c) => c.split(/\W+/).includes(name));
          }),
      ),
    );
  }
  return false;
}

/** The path goes by what a function says of the result: `status = make(&p); if (is_error(status)) …`. */
function isJudgedAsFailure(frame: Frame, { id, trace }: Loss): boolean {
  const judged = new Set<string>();
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind === 'branch') {
      const [, judge, result] = /^(\w+)\s*\(\s*(\w+)\s*\)$/.exec(event.condition) ?? [];
      if (judge === undefined || result === undefined) continue;
      if (/err|fail|bad|invalid/i.test(judge) === event.taken) judged.add(result);
    }
    if (event.kind !== 'alloc' || event.id !== id) continue;
    if (judged.size === 0) return false;
    const { line } = event.allocation.calledAt;
    return frame.cfg.blocks.some(({ instructions }) =>
      instructions.some((i) => i.op === 'call' && i.at.line === line && judged.has(i.boundTo)),
    );
  }
  return false;
}

/**
 * A copy that Python made for the function, given to functions out of view alone: code that does not know
 * Python would release it wrongly, so that it cannot have become theirs.
 */
function isNobodys(frame: Frame, state: State, id: Id): boolean {
  const origin = frame.origins.get(id);
  if (origin?.kind !== 'allocation' || origin.allocation.row.kind !== 'format-unit') return false;
  // Where some are released the other paths tell more.
  if (frame.lending.releasesSome(state, id)) return false;
  return isBorrowed(state, id, frame.isDefined);
}

/** The same for both names that a call gives its blocks. */
function siteOf(id: Id): string {
  return id.replace(/b~$/, '~');
}

function isPointer(frame: Frame, value: Value): boolean {
  const kind = frame.originOf(value)?.kind;
  return kind === 'allocation' || kind === 'reference' || kind === 'borrowed';
}

/** The function reports a failure: a negative number, or NULL where others get a pointer. */
function isFailure({ state, value, namesError }: Exit, givesPointer: boolean): boolean {
  if (namesError && value?.kind === 'ref' && !state.heap.has(value.id)) return true;
  if (value?.kind === 'int') return value.value < 0 || (value.value === 0 && givesPointer);
  if (value?.kind !== 'ref') return false;
  const { low, high } = state.factOf(value.id);
  return high < 0 || (givesPointer && low === 0 && high === 0);
}

/** How the file is compiled where a block is lost: lost either way, it does not depend on that. */
function buildsOf(losses: readonly Loss[]): ReadonlySet<string> {
  const builds = new Set<string>();
  for (const loss of losses) {
    for (let t = loss.trace; t !== null; t = t.previous) {
      const { event } = t;
      if (event.kind === 'alloc' && event.id === loss.id) break;
      if (event.kind !== 'branch' || !event.condition.startsWith('#if ')) continue;
      builds.add(buildKey(loss, event.condition, event.taken));
    }
  }
  return builds;
}

function buildKey({ id, at }: Loss, condition: string, taken: boolean): string {
  return `${siteOf(id)} ${placeKey(at)} ${taken ? '' : 'not '}${condition}`;
}

/**
 * After the allocation the path depends on how the file is compiled, or on a count of zero: nothing was
 * asked for, and nothing is to be released.
 */
function dependsOn(loss: Loss, origin: Origin | null, builds: ReadonlySet<string>): boolean {
  const { id, trace } = loss;
  const pointer = origin?.kind === 'allocation' ? origin.allocation.pointer : '';
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind === 'alloc' && event.id === id) return false;
    if (event.kind !== 'branch') continue;
    const { condition, taken } = event;
    if (condition.startsWith('#if ') && !builds.has(buildKey(loss, condition, !taken))) return true;
    const isCount = /^\w{3,}$/.test(pointer) && condition.startsWith(`${pointer}_`);
    if (isCount && !taken) return true;
    // An object that turns out to be of Python's own types is not the one that was made in view.
    const asked = /^Py\w+_Check(?:Exact)?\s*\(\s*(\w+)\s*\)$/.exec(condition)?.[1];
    if (taken && asked !== undefined && asked === pointer) return true;
  }
  return false;
}

/** The path goes on because an exception is set, whoever has set it. */
function findsException(trace: Trace | null): boolean {
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind !== 'branch' || !event.taken) continue;
    const names = event.condition.match(/[A-Za-z_]\w*(?=\s*\()/g) ?? [];
    if (names.some((name) => apiRow(name)?.asksException === true)) return true;
  }
  return false;
}

/** Live blocks that only locals lead to. */
function heldByLocals(
  frame: Frame,
  state: State,
  returned: Value | null,
  isOwn: (id: Id) => boolean,
): Id[] {
  const live = [...state.heap].flatMap(([id, lifecycle]) => {
    const isPrivate = lifecycle === 'live' && (!state.escaped.has(id) || isOwn(id));
    return isPrivate && isTold(frame, id) ? [id] : [];
  });
  if (live.length === 0) return [];
  const reached = new Set<Id>([...state.escaped.keys()].filter((id) => !live.includes(id)));
  if (returned?.kind === 'address') reached.add(frame.factsOf(returned.cell).root);
  for (const id of live) {
    if (returned?.kind === 'ref' && returned.id.includes(id)) reached.add(id);
  }
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const [cell, held] of state.cells) {
      if (!reached.has(frame.factsOf(cell).root)) continue;
      if (held.kind === 'ref') reached.add(held.id);
      else if (held.kind === 'address') reached.add(frame.factsOf(held.cell).root);
    }
  }
  const lost = live.filter((id) => !reached.has(id));
  // What only a lost block holds is lost with it: one report is enough.
  const inside = new Set<Id>();
  for (const [cell, held] of state.cells) {
    const { root } = frame.factsOf(cell);
    if (held.kind === 'ref' && held.id !== root && lost.includes(root)) inside.add(held.id);
  }
  return lost.filter((id) => !inside.has(id));
}
