// Of the events of one function: those that can change what is concluded from all of them. Most say again what
// was said. Nothing that is left out would have been kept by SlotEvidence, TypeEvidence or FindingCollector.
import type { FlowEvent } from '../flow/events.ts';
import { MAX_EVIDENCE } from '../flow/slot-evidence.ts';
import { placeKey } from '../flow/trace.ts';
import { isTypeSlot } from '../flow/type-table.ts';
import { isReported } from '../flow/relevant-events.ts';
import { isRightRelease } from '../report.ts';
import type { Rule } from '../rules/rule.ts';

/** A filter for the events of one function, in their order. */
export function eventFilter(rules: readonly Rule[]): (event: FlowEvent) => boolean {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  const isNew = (key: string): boolean => {
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };
  const isAmongFirst = (key: string): boolean => {
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count < MAX_EVIDENCE;
  };
  const isEvidence = (event: FlowEvent): boolean => {
    if (event.kind === 'slot-write') {
      const { slot, at } = event;
      // Evidence of types is gathered in another way.
      return isTypeSlot(slot) || isAmongFirst(`${slot}\n${at.file}`);
    }
    if (event.kind === 'vain-release') {
      return isAmongFirst(`vain ${event.slot}\n${event.at.file}`);
    }
    if (event.kind !== 'release') return event.kind === 'tracked-destruction';
    const { subject, release, struct, at } = event;
    const { origin } = subject;
    const slot = origin?.kind === 'initial' || origin?.kind === 'opaque' ? origin.slot : null;
    const isHelper = origin?.kind === 'allocation' && release.through.length > 0;
    const answers = [
      isRightRelease(event) && isNew(`right ${placeKey(at)}`),
      isHelper && isNew(`met ${placeKey(release.at)}`),
      slot !== null && (isTypeSlot(slot) || isAmongFirst(`release ${slot}\n${at.file}`)),
      struct !== null && isAmongFirst(`struct ${struct}\n${at.file}`),
    ];
    return answers.includes(true);
  };
  return (event) => {
    if (isEvidence(event)) return true;
    return isReported(event) && rules.some((rule) => rule.check(event) !== null);
  };
}
