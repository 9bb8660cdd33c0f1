// A release where the pointer is known to be NULL: `if (self->data == NULL) free(self->data);` frees nothing.
import { apiRow } from '../knowledge/row.ts';
import { type FlowEvent, preprocessorFacts } from './events.ts';
import type { Frame } from './frame.ts';
import { withoutCasts } from './heap-call.ts';
import type { State } from './state.ts';
import { placeKey } from './trace.ts';
import type { Release, Slot, Value } from './value.ts';

/** null: the pointer may point to a block, or is in no place that other functions know. */
export function vainRelease(
  frame: Frame,
  state: State,
  value: Value,
  release: Release,
): (FlowEvent & { readonly kind: 'vain-release' }) | null {
  const slot = slotOf(frame, value);
  if (value.kind !== 'ref' || slot === null || release.isRealloc) return null;
  const { low, high } = state.factOf(value.id);
  if (low !== 0 || high !== 0 || isGivenAway(frame, release)) return null;
  return {
    kind: 'vain-release',
    slot,
    id: value.id,
    release,
    trace: state.trace,
    compiledIf: preprocessorFacts(state.facts),
    at: release.at,
  };
}

function slotOf(frame: Frame, value: Value): Slot | null {
  const origin = frame.originOf(value);
  return origin?.kind === 'initial' || origin?.kind === 'opaque' ? origin.slot : null;
}

/** The function hands the pointer, or the struct that holds it, to somebody who may release it. */
function isGivenAway({ cfg, isDefined }: Frame, { pointer, at }: Release): boolean {
  const [, base = ''] = /^(\w+)(?:->|\.)/.exec(pointer) ?? [];
  return cfg.blocks.some(({ instructions }) =>
    instructions.some((call) => {
      if (call.op !== 'call' || placeKey(call.at) === placeKey(at)) return false;
      const given = call.arguments.map(({ text }) => withoutCasts(text));
      const name = call.callee.kind === 'function' ? call.callee.name : '';
      const isKnown = apiRow(name) !== undefined || isDefined(name);
      return given.includes(pointer) || (!isKnown && given.includes(base));
    }),
  );
}
