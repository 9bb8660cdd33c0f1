// What the whole program stores in a field, an element or a global, and how it releases it.
import type { Family } from '../../simulator/families.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import type { FlowEvent } from '../flow/events.ts';
import type { Slot } from '../flow/value.ts';
import { slotScope } from '../workspace.ts';
import type { Program } from './program.ts';

export interface SlotHistory {
  readonly slot: Slot;
  readonly stores: readonly SlotUse[];
  readonly releases: readonly SlotUse[];
}

export interface SlotUse {
  /** The allocating or releasing function; null: something that no allocation in view made. */
  readonly api: string | null;
  readonly family: Family | null;
  readonly at: Span;
}

/** As `file` means the slots: files that do not share the declaration have slots of their own. */
export function slotHistories(
  program: Program,
  events: readonly FlowEvent[],
  slots: ReadonlySet<Slot>,
  file: string,
): SlotHistory[] {
  const scopeOf = slotScope(program.files);
  return [...slots].toSorted().map((slot) => {
    const isMeant = (other: Slot | null, from: string): boolean =>
      other === slot && scopeOf(slot, from) === scopeOf(slot, file);
    return {
      slot,
      stores: distinct(events.flatMap((event) => storeOf(event, isMeant))),
      releases: distinct(events.flatMap((event) => releaseOf(event, isMeant))),
    };
  });
}

type IsMeant = (slot: Slot | null, file: string) => boolean;

function storeOf(event: FlowEvent, isMeant: IsMeant): SlotUse[] {
  if (event.kind !== 'slot-write' || !isMeant(event.slot, event.at.file)) return [];
  const { origin, at } = event;
  if (origin?.kind !== 'allocation') return [{ api: null, family: null, at }];
  return [{ api: origin.allocation.api, family: origin.allocation.family, at }];
}

function releaseOf(event: FlowEvent, isMeant: IsMeant): SlotUse[] {
  if (event.kind !== 'release') return [];
  const { origin } = event.subject;
  const slot = origin?.kind === 'initial' || origin?.kind === 'opaque' ? origin.slot : null;
  if (!isMeant(slot, event.at.file)) return [];
  return [{ api: event.release.api, family: event.release.family, at: event.at }];
}

function distinct(uses: readonly SlotUse[]): SlotUse[] {
  return [...new Map(uses.map((use) => [JSON.stringify([use.api, use.at]), use])).values()];
}
