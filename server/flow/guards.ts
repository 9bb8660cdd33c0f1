// What a path had tested when it released a block: two releases under other tests may be of other blocks.
import { isObjectRelease } from '../knowledge/release.ts';
import { apiRow } from '../knowledge/row.ts';
import type { Guard, Subject } from './events.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { Origin, Release } from './value.ts';

/** What the path tested besides the pointer itself, its owner and the preprocessor's conditions. */
export function guardsOf(frame: Frame, state: State, subject: Subject): Guard[] {
  const guards: Guard[] = [];
  for (const [id, fact] of state.facts) {
    if (id === subject.id || id.startsWith("'#if ") || /^p\d+~$/.test(id)) continue;
    const origin = frame.origins.get(id);
    const key = `${id} ${fact.low} ${fact.high} ${fact.not.join()}`;
    // The negation of a test, and a test of nullness, say no more than the value itself.
    if (origin?.kind === 'negation' || origin?.kind === 'comparison') {
      if (origin.kind === 'comparison' && !isNullTest(origin))
        guards.push({ key, value: id, fact, slot: null });
      continue;
    }
    const slot = origin?.kind === 'initial' || origin?.kind === 'opaque' ? origin.slot : null;
    guards.push({ key, value: id, fact, slot });
  }
  return guards;
}

/**
 * Whether the path has asked if the object is one of the collector's, `PyType_IS_GC(type)` or
 * `type->tp_flags & Py_TPFLAGS_HAVE_GC`, and releases it as the answer says: instances of other types go another way.
 */
export function isChosenByType(state: State, { row }: Release): boolean {
  if (!isObjectRelease(row)) return false;
  return [...state.facts.keys()].some((id) =>
    (id.match(/[A-Za-z_]\w*/g) ?? []).some((name) => {
      const asked = apiRow(name);
      return (
        asked?.family === 'py-gc-object' && (asked.role === 'inquiry' || asked.role === 'type-flag')
      );
    }),
  );
}

function isNullTest({ left, right }: Origin & { kind: 'comparison' }): boolean {
  return [left, right].some((v) => v.kind === 'int' && v.value === 0);
}
