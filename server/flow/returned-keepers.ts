// An object that keeps a pointer to a block, and is returned after the block was released: whoever uses the
// object uses the block.
import { type Listener, preprocessorFacts, subjectAtStart } from './events.ts';
import type { Exit } from './explore.ts';
import type { Frame } from './frame.ts';
import { keeperOf } from './lending.ts';
import { lastRelease } from './trace.ts';

export function reportReturnedKeepers(
  frame: Frame,
  exits: readonly Exit[],
  listen: Listener,
): void {
  for (const { state, value, at } of exits) {
    // Whoever has the object already may have had the use of it.
    if (value?.kind !== 'ref' || state.escaped.has(value.id)) continue;
    const { high } = state.factOf(value.id);
    for (const [id, escape] of high === 0 ? [] : state.escaped) {
      if (keeperOf(escape) !== value.id || !state.isFreed(id)) continue;
      const origin = frame.origins.get(id) ?? null;
      listen({
        kind: 'use',
        subject: subjectAtStart(id, origin, lastRelease(state.trace, id)),
        how: 'kept',
        pointer: origin?.kind === 'allocation' ? origin.allocation.pointer : '',
        trace: state.trace,
        compiledIf: preprocessorFacts(state.facts),
        at,
      });
    }
  }
}
