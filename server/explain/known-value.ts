// What the analysis knows of one value on one path, in words and as data. Nothing is computed here that
// the exploration did not know.
import { familyFacts, type Family } from '../../simulator/families.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import { type Fact, isNoFact } from '../flow/fact.ts';
import type { Frame } from '../flow/frame.ts';
import type { State } from '../flow/state.ts';
import { eventsOf } from '../flow/trace.ts';
import type { Id, Origin, Slot, Value } from '../flow/value.ts';
import { cellText, parameterNames, pathText } from './place-text.ts';
import { type CalleeNote, sourceOf } from './value-source.ts';

export interface KnownValue {
  /** `a block from PyMem_Malloc()`, `null`, `self->data as the caller passed it`. */
  readonly what: string;
  /** Where it was allocated, lent or obtained; null: not in view. */
  readonly at: Span | null;
  /** What releases it; null: not known. */
  readonly family: Family | null;
  readonly nullness: 'null' | 'not null' | 'perhaps null';
  /** Not to the start of the block. */
  readonly isInterior: boolean;
  readonly released: { readonly by: string; readonly at: Span } | null;
  /** Where code out of view could reach it from; null: nowhere yet. */
  readonly escaped: string | null;
  /** The place that many functions store to, when it comes from there. */
  readonly slot: Slot | null;
  /** False: where it comes from is not known, so no rule says anything about it. */
  readonly isTracked: boolean;
}

export interface Surroundings {
  readonly frame: Frame;
  readonly noteOf: CalleeNote;
  /** Why code out of view may reach the value. */
  readonly escapeOf: (id: Id) => string;
}

/** Null: a truth value or a number, nothing about a pointer. */
export function knownValue(value: Value, state: State, around: Surroundings): KnownValue | null {
  switch (value.kind) {
    case 'int':
      return value.value === 0 ? { ...PLAIN, what: 'null', nullness: 'null' } : null;
    case 'address':
      return {
        ...PLAIN,
        what: `the address of ${cellText(around.frame, state, value.cell)}`,
        nullness: 'not null',
        isTracked: true,
      };
    case 'text':
      return { ...PLAIN, what: 'a string literal', nullness: 'not null', isTracked: true };
    case 'function':
      return { ...PLAIN, what: `the function ${value.name}`, nullness: 'not null' };
    case 'unknown':
      return { ...PLAIN, what: 'not known: never set, or set differently on paths that meet' };
    case 'ref':
      return named(value, state, around);
  }
}

const PLAIN: KnownValue = {
  what: '',
  at: null,
  family: null,
  nullness: 'perhaps null',
  isInterior: false,
  released: null,
  escaped: null,
  slot: null,
  isTracked: false,
};

function named(
  { id, interior }: Value & { kind: 'ref' },
  state: State,
  around: Surroundings,
): KnownValue | null {
  const origin = around.frame.origins.get(id);
  if (origin === undefined || origin.kind === 'comparison' || origin.kind === 'negation')
    return null;
  const from = fromOrigin(origin, id, state, around);
  if (from === null) return null;
  const release = state.isFreed(id) ? releaseOf(id, state) : null;
  return {
    ...PLAIN,
    nullness: nullnessOf(state.factOf(id)),
    isInterior: interior,
    released: release,
    escaped: origin.kind === 'allocation' && state.escaped.has(id) ? around.escapeOf(id) : null,
    ...from,
  };
}

function fromOrigin(
  origin: Origin,
  id: Id,
  state: State,
  { frame, noteOf }: Surroundings,
): Partial<KnownValue> | null {
  switch (origin.kind) {
    case 'allocation': {
      const { allocation } = origin;
      const { api, at, family, through } = allocation;
      const by = [...through.filter((name) => name !== api), api].join(' -> ');
      return { what: `a block from ${by}()`, at, family, isTracked: true };
    }
    case 'borrowed':
    case 'reference': {
      const what = origin.kind === 'borrowed' ? 'a pointer lent by' : 'a reference from';
      return { what: `${what} ${origin.row.name}()`, at: origin.at, isTracked: true };
    }
    case 'initial': {
      const { path, slot } = origin;
      const isParameter = path.root.kind === 'argument' && path.steps.length === 0;
      const when = isParameter ? 'as the caller passed it' : 'as it was when the function began';
      return { what: `${pathText(path, parameterNames(frame.cfg))} ${when}`, slot };
    }
    case 'mixed':
      return { what: 'a block that functions of two families have handled' };
    case 'opaque': {
      const source = sourceOf(id, frame, state, noteOf);
      return source === null ? null : { what: source.text, at: source.at, slot: origin.slot };
    }
    default:
      return { what: (origin as { readonly kind: string }).kind };
  }
}

function nullnessOf(fact: Fact): KnownValue['nullness'] {
  if (fact.low === 0 && fact.high === 0) return 'null';
  return fact.not.includes(0) || fact.low > 0 || fact.high < 0 ? 'not null' : 'perhaps null';
}

function releaseOf(id: Id, state: State): KnownValue['released'] {
  for (const event of eventsOf(state.trace).toReversed()) {
    if ((event.kind === 'free' || event.kind === 'realloc') && event.id === id)
      return { by: event.release.api, at: event.release.at };
  }
  return null;
}

/** One line: what it is, where from, of which family, in which state. */
export function knownValueText(
  value: KnownValue,
  showPlace: (at: Span) => string = placeText,
): string {
  const { what, at, family, nullness, isInterior, released, escaped, slot } = value;
  const heap = family === null ? '' : `, of ${familyFacts(family).label}`;
  const states = [
    ...(what === 'null' || nullness === 'perhaps null' ? [] : [nullness]),
    ...(isInterior ? ['not its start'] : []),
    ...(released === null ? [] : [`released by ${released.by}() at ${showPlace(released.at)}`]),
    ...(escaped === null ? [] : [`reachable from elsewhere: ${escaped}`]),
    ...(slot === null ? [] : [`kept in ${slot}`]),
  ];
  const place = at === null ? '' : ` (${showPlace(at)})`;
  return `${what}${place}${heap}${states.map((state) => `; ${state}`).join('')}`;
}

export function placeText({ file, line, column }: Span): string {
  return `${file}:${line}:${column}`;
}

export function factText(fact: Fact): string {
  if (isNoFact(fact)) return 'of any value';
  const { low, high, not } = fact;
  if (low === high) return `== ${low}`;
  const parts = [
    ...(low === -Infinity ? [] : [`>= ${low}`]),
    ...(high === Infinity ? [] : [`<= ${high}`]),
    ...not.map((n) => `!= ${n}`),
  ];
  return parts.join(' ');
}
