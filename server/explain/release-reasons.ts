// Why a release on a line is right, or why nothing can be said about it.
import { familyFacts, type Family } from '../../simulator/families.ts';
import type { FlowEvent } from '../flow/events.ts';
import { mayRelease } from '../knowledge/release.ts';
import { placeText } from './known-value.ts';
import type { SlotHistory } from './slot-history.ts';
import type { WhyPlace } from './why.ts';

type Release = FlowEvent & { readonly kind: 'release' };

/** Complete sentences, each once. */
export function releaseReasons(
  events: readonly FlowEvent[],
  place: WhyPlace,
  slots: readonly SlotHistory[],
): string[] {
  const here = events.filter(
    (event): event is Release =>
      event.kind === 'release' &&
      [event.at, event.release.calledAt].some(
        ({ file, line }) => file === place.file && line === place.line,
      ),
  );
  return [...new Set(here.flatMap((event) => reasonOf(event, slots) ?? []))];
}

/** Null: the findings speak for themselves. */
function reasonOf({ subject, release }: Release, slots: readonly SlotHistory[]): string | null {
  const call = `${release.api}(${release.pointer})`;
  if (subject.freedBy !== null) return null;
  const { origin } = subject;
  switch (origin?.kind) {
    case 'allocation': {
      const { allocation } = origin;
      if (!mayRelease(allocation, release.row)) return null;
      return `${call} fits the block from ${allocation.api}() (${placeText(allocation.at)}).`;
    }
    case 'mixed':
      return `${call}: two families have handled the block already, so none is held against it.`;
    case 'initial':
    case 'opaque': {
      const history = slots.find(({ slot }) => slot === origin.slot);
      return history === undefined
        ? `${call}: no allocation of what it releases is in view, and what is not known is not reported.`
        : slotReason(call, release, history);
    }
    default:
      return null;
  }
}

function slotReason(
  call: string,
  release: Release['release'],
  { slot, stores }: SlotHistory,
): string {
  const families = [...new Set(stores.flatMap(({ family }) => family ?? []))];
  const labels = families.map((family: Family) => familyFacts(family).label);
  const [only, ...others] = labels;
  if (only === undefined) return `${call}: no store of an allocated block to ${slot} is in view.`;
  if (others.length > 0) {
    return `${call}: ${slot} is stored to with blocks of ${labels.length} families (${labels.join('; ')}); which one it holds here is not known.`;
  }
  const unknown = stores.some(({ family }) => family === null) ? ' as far as is known' : '';
  const takes = release.family === null ? only : familyFacts(release.family).label;
  const other = takes === only ? '' : `; ${release.api}() releases what is of ${takes}`;
  return `${call}: every block stored to ${slot} is of ${only}${unknown}${other}.`;
}
