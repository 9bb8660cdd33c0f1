// Evidence about type objects: how their instances are made and how they are released, with what the type's
// slots and flags make of `tp_alloc` and `tp_free`. What the names of two functions already tell apart is
// left to slot-evidence.ts.
import type { Family } from '../../simulator/families.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import { isObjectFamily, type Made, mayRelease } from '../knowledge/release.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import { type FlowEvent, subjectAtStart } from './events.ts';
import { canMeet } from './fact.ts';
import { keepsInstance } from './idle-dealloc.ts';
import { isOnlyBefore } from './python-version.ts';
import { distinctReleases, type SlotRelease, type SlotWrite, together } from './slot-evidence.ts';
import type { Outcome, Summary } from './summary.ts';
import { extend } from './trace.ts';
import { isTypeSlot, type KnownType, typeSlot, type TypeTable } from './type-table.ts';
import type { Allocation, Release } from './value.ts';

type Leak = FlowEvent & { readonly kind: 'leak' };
type TrackedDestruction = FlowEvent & { readonly kind: 'tracked-destruction' };
export type TypeRelease = FlowEvent & { readonly kind: 'type-release' };

/** Instances of a type, all of one kind. */
interface Instances {
  readonly made: Made;
  readonly allocation: Allocation;
  /** null: PyType_GenericNew makes them, out of view. */
  readonly write: SlotWrite | null;
  readonly isDerived: boolean;
}

/** What a function of the file of a type does; null: not known. */
export type SummaryOf = (name: string, type: KnownType) => Summary | null;

export class TypeEvidence {
  readonly #types: TypeTable;
  #summaryOf: SummaryOf = () => null;
  readonly #tracked = new Map<string, TrackedDestruction>();
  readonly #writes = new Map<string, SlotWrite[]>();
  readonly #releases = new Map<string, SlotRelease[]>();

  constructor(types: TypeTable) {
    this.#types = types;
  }

  /** Destructors of objects that PyType_GenericAlloc has put into the collector's list. */
  trackedDestructions(): TrackedDestruction[] {
    const told = new Set<string>();
    return this.#types.types.flatMap((type) => {
      const owner = this.#types.deallocOwner(type);
      const slot = owner === null ? '' : typeSlot(owner);
      const given = this.#tracked.get(slot);
      if (given === undefined || told.has(slot)) return [];
      const instance = this.#instancesOf(type).find(
        ({ made, allocation, isDerived }) =>
          !isDerived &&
          made.family === 'py-gc-object' &&
          Object.keys(allocation.row.familyIf).length > 0,
      );
      if (instance === undefined) return [];
      told.add(slot);
      const allocation: Allocation = { ...instance.allocation, family: 'py-gc-object' };
      const id = instance.write?.id ?? 'instance';
      const alloc = { kind: 'alloc', id, allocation, at: allocation.at } as const;
      return [
        {
          kind: 'tracked-destruction',
          subject: subjectAtStart(id, { kind: 'allocation', allocation }, null),
          type: type.name,
          pointer: given.pointer,
          trace: extend(null, alloc),
          compiledIf: new Map(),
          at: given.at,
        },
      ];
    });
  }

  add(event: FlowEvent): void {
    if (event.kind === 'slot-write' && isTypeSlot(event.slot)) {
      push(this.#writes, event.slot, event);
    } else if (event.kind === 'tracked-destruction') {
      const { origin } = event.subject;
      if (origin?.kind === 'initial' && origin.slot !== null) this.#tracked.set(origin.slot, event);
    } else if (event.kind === 'release') {
      const { origin } = event.subject;
      const slot = origin?.kind === 'initial' ? origin.slot : null;
      // Slots and flags are those of Python 3.
      if (isOnlyBefore(0x0304, event.compiledIf)) return;
      if (slot !== null && isTypeSlot(slot) && event.subject.freedBy === null) {
        push(this.#releases, slot, event);
      }
    }
  }

  /** Types whose own tp_dealloc gives no memory back, with an instance that a call in view makes. */
  idleDeallocs(summaryOf: SummaryOf): Leak[] {
    return this.#types.types.flatMap((type) => {
      const dealloc = type.slots.get('tp_dealloc');
      const summary = dealloc?.kind === 'function' ? summaryOf(dealloc.name, type) : null;
      if (dealloc?.kind !== 'function' || summary === null || !keepsInstance(summary)) return [];
      const made = (this.#writes.get(typeSlot(type)) ?? []).find(
        ({ id, origin }) => id !== null && origin?.kind === 'allocation',
      );
      if (made?.origin?.kind !== 'allocation' || made.id === null) return [];
      const { id, origin, trace } = made;
      const at = spanOf(type, dealloc.at);
      const loss = { id, how: 'dealloc', place: dealloc.name, release: null, trace, at } as const;
      const subject = subjectAtStart(id, origin, null);
      return [
        {
          kind: 'leak',
          subject,
          loss,
          certainty: 'certain',
          trace,
          compiledIf: new Map(),
          at,
        } as const,
      ];
    });
  }

  mismatches(summaryOf: SummaryOf): TypeRelease[] {
    this.#summaryOf = summaryOf;
    return this.#types.types.flatMap((type) => {
      const instances = this.#instancesOf(type);
      const owner = this.#types.deallocOwner(type);
      const releases = owner === null ? [] : (this.#releases.get(typeSlot(owner)) ?? []);
      const slot = this.#wrongSlot(type, instances, releases);
      if (slot !== null) return [slot];
      return distinctReleases(releases).flatMap(
        (release) => this.#wrongRelease(type, instances, release) ?? [],
      );
    });
  }

  #instancesOf(type: KnownType): Instances[] {
    const instances: Instances[] = [];
    const ofType = this.#types.instanceFamily(type);
    const isSubclassed = this.#types.isSubclassed(type) === true;
    const add = (allocation: Allocation, write: SlotWrite | null): void => {
      const { row } = allocation;
      const byType = Object.keys(row.familyIf).length > 0;
      const own = byType ? this.#allocated(type, row) : { row, family: allocation.family };
      if (own !== null) instances.push({ made: own, allocation, write, isDerived: false });
      if (!isSubclassed || !allocation.isDerivable || ofType !== 'py-object-instance') return;
      const made = byType ? resolved(row, 'py-gc-object') : { row, family: allocation.family };
      instances.push({ made, allocation, write, isDerived: true });
    };
    for (const write of this.#writes.get(typeSlot(type)) ?? []) {
      const { origin } = write;
      if (origin?.kind === 'allocation' && write.id !== null) add(origin.allocation, write);
    }
    const make = this.#types.slot(type, 'tp_new');
    const row = make?.kind === 'function' ? apiRow(make.name) : undefined;
    if (row?.role === 'object-alloc' && row.family !== null && make?.kind === 'function') {
      add(madeByType(type, row, row.family), null);
    }
    return instances;
  }

  /** What tp_alloc of the type, called by a function of the table, gives. */
  #allocated(type: KnownType, row: ApiRow): Made | null {
    const value = this.#types.slot(type, 'tp_alloc');
    if (value === null || value.kind === 'unknown') return null;
    const given = value.kind === 'null' ? row : apiRow(value.name);
    if (given !== undefined) {
      const byType = Object.keys(given.familyIf).length > 0;
      const family = byType ? this.#types.instanceFamily(type) : given.family;
      return family === null ? null : resolved(given, family);
    }
    const outcomes = value.kind === 'null' ? [] : this.#outcomes(value.name, type);
    const rows = new Set(
      outcomes.flatMap(({ returns, steps }) => {
        if (returns.kind === 'int' || returns.kind === 'failure') return [];
        const step = steps.find(
          (s) => s.kind === 'alloc' && returns.kind === 'fresh' && s.index === returns.index,
        );
        return step?.kind === 'alloc' ? [step.row] : [null];
      }),
    );
    const [made] = rows;
    if (rows.size !== 1 || made === undefined || made === null || made.family === null) return null;
    return { row: made, family: made.family };
  }

  #outcomes(name: string, type: KnownType): readonly Outcome[] {
    return this.#summaryOf(name, type)?.outcomes ?? [];
  }

  /** What tp_free of the type is; null: not known. */
  #freeRow(type: KnownType, tpFree: ApiRow): ApiRow | null {
    const value = this.#types.slot(type, 'tp_free');
    if (value === null || value.kind === 'unknown') return null;
    if (value.kind === 'function') {
      const row = apiRow(value.name);
      if (row !== undefined) return row;
      const outcomes = this.#outcomes(value.name, type);
      const rows = new Set(
        outcomes.map(({ steps }) => {
          const free = steps.find(
            (s) =>
              s.kind === 'free' && s.path.root.kind === 'argument' && s.path.steps.length === 0,
          );
          return free?.kind === 'free' ? free.row : null;
        }),
      );
      return rows.size === 1 ? [...rows][0]! : null;
    }
    const family = this.#types.instanceFamily(type);
    return family === null ? null : defaultFree(tpFree, family);
  }

  /** tp_free is set to a function that is wrong for what tp_alloc of the type gives. */
  #wrongSlot(
    type: KnownType,
    instances: readonly Instances[],
    releases: readonly SlotRelease[],
  ): TypeRelease | null {
    const value = type.slots.get('tp_free');
    if (value?.kind !== 'function') return null;
    // Without a tp_dealloc of its own the type gets one that calls tp_free.
    const dealloc = this.#types.slot(type, 'tp_dealloc');
    const call = releases.find(({ release }) => release.row.kind === 'type-slot');
    if (dealloc === null || (dealloc.kind !== 'null' && call === undefined)) return null;
    const tpFree = call?.release.row ?? apiRow('tp_free');
    const row = tpFree === undefined ? null : this.#freeRow(type, tpFree);
    const wrong = instances.find(
      ({ made, allocation, isDerived }) =>
        !isDerived &&
        Object.keys(allocation.row.familyIf).length > 0 &&
        row !== null &&
        !mayRelease(made, row),
    );
    if (wrong === undefined || row === null) return null;
    const at = spanOf(type, value.at);
    const release: Release = {
      api: value.name,
      row,
      family: row.family,
      pointer: '',
      at,
      calledAt: at,
      calleeSpan: row.name === value.name ? at : null,
      through: row.name === value.name ? [] : [value.name],
      isRealloc: false,
    };
    return this.#event(type, wrong, release, { at, trace: null, id: 'instance' }, 'slot', null);
  }

  #wrongRelease(
    type: KnownType,
    instances: readonly Instances[],
    met: SlotRelease,
  ): TypeRelease | null {
    const { release } = met;
    if (release.isRealloc) return null;
    const isSlot = release.row.kind === 'type-slot';
    for (const each of instances) {
      const { allocation, write, isDerived, made } = each;
      // Told by the names of the functions alone.
      const isNamed = !isSlot || isObjectFamily(allocation.family);
      const isPlain = isNamed && write !== null && !mayRelease(allocation, release.row);
      if (isPlain || (write !== null && !canMeet(write.compiledIf, met.compiledIf))) continue;
      const row = !isSlot
        ? release.row
        : isDerived
          ? defaultFree(release.row, 'py-gc-object')
          : this.#freeRow(type, release.row);
      if (row === null || mayRelease(made, row)) continue;
      const cause = isDerived ? 'derived' : 'flags';
      const resolvedRelease = { ...release, row, family: row.family ?? release.family };
      const { at, trace, subject } = met;
      const freeIs = isSlot ? row.name : null;
      return this.#event(type, each, resolvedRelease, { at, trace, id: subject.id }, cause, freeIs);
    }
    return null;
  }

  #event(
    type: KnownType,
    { made, allocation, write }: Instances,
    release: Release,
    met: { readonly at: Span; readonly trace: SlotRelease['trace']; readonly id: string },
    cause: TypeRelease['cause'],
    freeIs: string | null,
  ): TypeRelease {
    const id = write?.id ?? 'instance';
    const told: Allocation = { ...allocation, family: made.family };
    const alloc = { kind: 'alloc', id, allocation: told, at: told.at } as const;
    const compiledIf = write?.compiledIf ?? new Map();
    const start = { id, at: told.at, trace: extend(null, alloc), compiledIf };
    return {
      kind: 'type-release',
      subject: subjectAtStart(id, { kind: 'allocation', allocation: told } as const, null),
      release,
      size: null,
      type: type.name,
      freeIs,
      cause,
      trace: met.trace === null ? start.trace : together(start, met, met.id),
      compiledIf: new Map(),
      at: met.at,
    };
  }
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else if (list.length < 64) list.push(item);
}

function spanOf(type: KnownType, { start, end }: { start: number; end: number }): Span {
  return type.file.source.span(start, end);
}

/** An allocation that CPython does for a type whose tp_new is its own. */
function madeByType(type: KnownType, row: ApiRow, family: Family): Allocation {
  return {
    api: row.name,
    row,
    family,
    types: [type],
    isDerivable: true,
    pointer: '',
    size: { bytes: 48, source: null, chosen: true },
    zeroed: row.zeroed,
    at: spanOf(type, type.at),
    calledAt: spanOf(type, type.at),
    through: [],
    isAssumed: false,
  };
}

/** The row of an allocation that depends on the type's flags, for one of the families. */
function resolved(row: ApiRow, family: Family): Made {
  const isCollected = family === 'py-gc-object';
  const releasesWith = row.releasesWith.filter((name) => {
    const release = apiRow(name);
    if (release?.role !== 'free') return true;
    return (release.family === 'py-gc-object') === isCollected;
  });
  return { row: { ...row, family, familyIf: {}, releasesWith }, family };
}

/** What the slot is where the type does not set it: the table names it first for each family. */
function defaultFree(slot: ApiRow, family: Family): ApiRow | null {
  const name = slot.allowedValues[family]?.[0];
  return name === undefined ? null : (apiRow(name) ?? null);
}
