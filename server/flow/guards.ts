// What a path had tested when it released a block: two releases under other tests may be of other blocks.
import type { Guard, Subject } from './events.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { Origin } from './value.ts';

/** What the path tested besides the pointer itself, its owner and the preprocessor's conditions. */
export function guardsOf(frame: Frame, state: State, subject: Subject): Guard[] {
  const guards: Guard[] = [];
  for (const [id, fact] of state.facts) {
    if (id === subject.id || id.startsWith("'#if ") || /^p\d+~$/.test(id)) continue;
    const origin = frame.origins.get(id);
    const key = `${id} ${fact.low} ${fact.high} ${fact.not.join()}`;
    // The negation of a test, and a test of nullness, say no more than the value itself.
    if (origin?.kind === 'negation' || origin?.kind === 'comparison') {
      if (origin.kind === 'comparison' && !isNullTest(origin)) guards.push({ key, slot: null });
      continue;
    }
    const slot = origin?.kind === 'initial' || origin?.kind === 'opaque' ? origin.slot : null;
    guards.push({ key, slot });
  }
  return guards;
}

function isNullTest({ left, right }: Origin & { kind: 'comparison' }): boolean {
  return [left, right].some((v) => v.kind === 'int' && v.value === 0);
}
