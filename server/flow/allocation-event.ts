// What a rule may want to know of an allocation besides the call: the thread state, what the block is for
// and whether it stays in the program.
import { type ApiRow, apiRow } from '../knowledge/row.ts';
import { OBJECT_STRUCT } from '../knowledge/vocabulary.ts';
import { type FlowEvent, preprocessorFacts, subjectAtStart } from './events.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { isAsFound, isAttached, isDetached } from './thread-state.ts';
import type { Allocation, Value } from './value.ts';

export function allocationEvent(
  frame: Frame,
  state: State,
  block: Value & { readonly kind: 'ref' },
  allocation: Allocation,
): FlowEvent {
  const { pointer } = allocation;
  return {
    kind: 'allocation',
    subject: subjectAtStart(block.id, { kind: 'allocation', allocation }, null),
    allocation,
    thread: threadAt(frame, state),
    isExtension: frame.isExtension,
    element: frame.cfg.scalars.get(pointer) ?? null,
    givenTo: givenToLibraries(frame).get(pointer) ?? null,
    trace: state.trace,
    compiledIf: preprocessorFacts(state.facts),
    at: allocation.at,
  };
}

/** A function that is handed objects runs with a thread state, unless it gives that up. */
function threadAt(frame: Frame, { thread }: State): 'attached' | 'detached' | 'unknown' {
  if (isDetached(thread)) return 'detached';
  const isGivenObject = frame.cfg.parameters.some(({ struct }) => struct === OBJECT_STRUCT);
  return isAttached(thread) || (isAsFound(thread) && isGivenObject) ? 'attached' : 'unknown';
}

const GIVEN = new WeakMap<Frame, ReadonlyMap<string, string>>();

/**
 * By pointer as written: a function that is neither the program's nor the table's, and may keep or release it.
 * Told at once: an event that could still ask would keep the text of its file between checks.
 */
function givenToLibraries(frame: Frame): ReadonlyMap<string, string> {
  const known = GIVEN.get(frame);
  if (known !== undefined) return known;
  const given = new Map<string, string>();
  for (const { instructions } of frame.cfg.blocks) {
    for (const instruction of instructions) {
      if (instruction.op !== 'call' || instruction.callee.kind !== 'function') continue;
      const { name } = instruction.callee;
      if (apiRow(name) !== undefined || frame.isDefined(name)) continue;
      for (const { text } of instruction.arguments) {
        if (text !== '' && !given.has(text)) given.set(text, name);
      }
    }
  }
  GIVEN.set(frame, given);
  return given;
}

/** The argument that is the type object which an object is made of. */
export function typeArgument(row: ApiRow): number | undefined {
  return row.sizeArgs.find((s) => s.meaning === 'type-object')?.arg;
}
