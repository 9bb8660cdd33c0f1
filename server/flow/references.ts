// References to objects. The count itself is not followed: an object made in view has one reference until
// it is shared, and then nothing is known of it.
import { isObjectFamily } from '../knowledge/release.ts';
import type { Role } from '../knowledge/vocabulary.ts';
import type { ApiRow } from '../knowledge/row.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { Outcome, Summary } from './summary.ts';
import { argumentPath, plainBut } from './summary.ts';
import type { KnownType } from './type-table.ts';
import { pathKey, type Value } from './value.ts';

/** Calls that keep no reference to their arguments and hand them to nobody. */
const KEEPS_NOTHING: ReadonlySet<Role> = new Set([
  'alloc',
  'realloc',
  'inquiry',
  'gc-track',
  'gc-untrack',
  'object-init',
  'refcount-dec',
  'borrowed-reference',
  'sets-memoryerror',
  'returns-null',
  'free',
  'object-free',
  'weakref-clear',
  'buffer-release',
] as const);

/** Whether a call may leave somebody with a reference to an object that it is given. */
function mayShare(row: ApiRow): boolean {
  return !KEEPS_NOTHING.has(row.role);
}

/** An object that is handed to the API may have one more owner afterwards. */
export function shareArguments(
  frame: Frame,
  state: State,
  values: readonly Value[],
  row: ApiRow | undefined,
): void {
  if (row?.requiresThreadState !== true || !mayShare(row)) return;
  for (const [i, value] of values.entries()) {
    if (row.outArgs.includes(i)) continue;
    const origin = frame.originOf(value);
    const isMemory = origin?.kind === 'allocation' && !isObjectFamily(origin.allocation.family);
    if (!isMemory) state.escape(value);
  }
}

/** The only reference to an object that was made in view. */
export function isSoleReference(frame: Frame, state: State, value: Value): boolean {
  if (value.kind !== 'ref' || value.interior || state.escaped.has(value.id)) return false;
  const origin = frame.origins.get(value.id);
  if (origin?.kind === 'allocation') {
    return origin.allocation.row.role === 'object-alloc' && state.heap.get(value.id) === 'live';
  }
  return origin?.kind === 'reference' && origin.row.isFresh && !state.heap.has(value.id);
}

/** Whether the call gives up the last reference to an object, or another one after that. */
export function endsObject(
  frame: Frame,
  state: State,
  row: ApiRow,
  values: readonly Value[],
): boolean {
  if (row.role !== 'refcount-dec' || row.pointerArg === null) return false;
  const value = values[row.pointerArg];
  if (value?.kind !== 'ref') return false;
  return state.isFreed(value.id) || isSoleReference(frame, state, value);
}

/**
 * What giving up the last reference does: `tp_dealloc` runs on the object, then its memory is gone. How
 * `tp_dealloc` releases the memory is another question.
 */
export function endOfObject(row: ApiRow, given: Summary, dealloc: Summary | null): Summary {
  const self = argumentPath(row.pointerArg ?? 0);
  const key = pathKey(self);
  const release = { kind: 'free', path: self, certainty: 'always', release: null, row } as const;
  const plain: Outcome = plainBut({
    assigns: given.outcomes.flatMap((outcome) => outcome.assigns),
    steps: [release],
    clobbers: [self],
  });
  if (dealloc === null || dealloc.outcomes.length === 0) {
    return { ...given, outcomes: [plain] };
  }
  const outcomes = dealloc.outcomes.map((outcome) => {
    const inner = outcome.steps.filter(
      (step) => step.kind === 'free' && pathKey(step.path) !== key,
    );
    return {
      ...outcome,
      steps: [...inner, release],
      assigns: [...outcome.assigns, ...plain.assigns],
      clobbers: [...outcome.clobbers, self],
      returns: plain.returns,
    };
  });
  return { ...dealloc, outcomes };
}

/** A call gives an object that nobody else has, or none. */
export function returnsFresh({ outcomes }: Summary): boolean {
  return outcomes.every(({ returns, steps }) => {
    if (returns.kind === 'int' || returns.kind === 'failure') return true;
    return steps.some(
      (step) =>
        step.kind === 'alloc' &&
        !step.isShared &&
        returns.kind === 'fresh' &&
        step.index === returns.index,
    );
  });
}

/** After the call the caller's reference to an argument is as it was, and nobody has another one. */
export function keepsArgument({ outcomes }: Summary, index: number): boolean {
  const key = pathKey(argumentPath(index));
  return outcomes.every(
    ({ escapes, clobbers, steps }) =>
      ![...escapes, ...clobbers].some((path) => pathKey(path) === key) &&
      !steps.some((step) => step.kind !== 'alloc' && pathKey(step.path) === key),
  );
}

/** The row of a call; of one that calls a type of the program, as of what allocates an instance. */
export function calledRow(
  frame: Frame,
  row: ApiRow,
  values: readonly Value[],
  makesFresh: (type: KnownType) => boolean,
): ApiRow {
  if (row.callableArg === null) return row;
  const { types } = frame.typesOf(values[row.callableArg]);
  if (types.length !== 1 || !makesFresh(types[0]!)) return row;
  return {
    ...row,
    role: 'object-alloc',
    sizeArgs: [{ arg: row.callableArg, meaning: 'type-object' }],
  };
}
