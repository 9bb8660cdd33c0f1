// One function under analysis: where named values come from, and how places become cells.
import type { BlockIndex, Cfg, Place } from '../cfg/instruction.ts';
import { ArrayContents } from './array-contents.ts';
import { AssumedAllocators } from './assumed-allocators.ts';
import { CellNames } from './cell-names.ts';
import { Correlation } from './correlation.ts';
import { GlobalLinks } from './global-links.ts';
import { isLent, Lending } from './lending.ts';
import type { CellFacts, TypesInSight } from './in-sight.ts';
import { exposeSiblings, isGivenOnly } from './ownership.ts';
import { repeatedBlocks } from './repeated-blocks.ts';
import { initialId, type State } from './state.ts';
import { NOT_NULL } from './summary.ts';
import {
  type Allocation,
  type CellKey,
  elementsSlot,
  extendPath,
  type Id,
  isTooLong,
  MAX_NAME,
  type Origin,
  ref,
  type Slot,
  slotOfElement,
  UNKNOWN,
  type Value,
  valueKey,
} from './value.ts';

export class Frame {
  readonly cfg: Cfg;
  /** Runs for every instance of a type, whoever made it. */
  readonly isDestructor: boolean;
  /** Some caller may run it with a detached thread state. */
  readonly mayStartDetached: boolean;
  readonly isExtension: boolean;
  readonly isGenerated: boolean;
  readonly isDefined: (name: string) => boolean;
  readonly origins = new Map<Id, Origin>();
  readonly correlation: Correlation;
  /** Cells that are surely not at the start of their block or variable. */
  readonly insideCells = new Set<CellKey>();
  /** Numbers from Python code that something may have checked. */
  readonly bounded = new Set<Id>();
  /** Questions to the API that have one answer, by the name of the answer. */
  readonly inquiries = new Map<Id, { readonly api: string; readonly values: readonly Value[] }>();
  readonly lending = new Lending();
  readonly arrays = new ArrayContents();
  readonly names = new CellNames();
  readonly assumed: AssumedAllocators;
  readonly #cells = new Map<CellKey, CellFacts>();
  readonly #functions = new Map<CellKey, string | null>();
  readonly #withMembers = new Set<CellKey>();
  readonly #withElements = new Set<CellKey>();
  readonly #globalLinks = new GlobalLinks();
  /** Of what cells held when the function was entered: whose memory the cell is in. */
  readonly #initialIn = new Map<Id, CellKey>();
  /** The changes that names tell of. */
  readonly #named = new Set<string>();
  readonly #repeated: readonly boolean[];
  /** Whether a path may have been at the point that is looked at before. */
  isRepeated = false;
  readonly #types: TypesInSight;

  constructor(cfg: Cfg, types: TypesInSight) {
    this.cfg = cfg;
    this.#repeated = repeatedBlocks(cfg);
    this.correlation = new Correlation(cfg);
    this.#types = types;
    this.isDestructor = types.isDestructor;
    this.mayStartDetached = types.mayStartDetached;
    this.isExtension = types.isExtension;
    this.isGenerated = types.isGenerated;
    this.isDefined = (name) => types.isDefined(name);
    this.assumed = new AssumedAllocators(cfg, this.isDefined);
  }

  /** The block is executed next. */
  enter(block: BlockIndex): void {
    this.isRepeated = this.#repeated[block]!;
  }

  structNamed(name: string): string | null {
    return this.#types.structNamed(name);
  }

  /** The type objects that a value may point to. */
  typesOf(value: Value | undefined): Pick<Allocation, 'types' | 'isDerivable'> {
    const named = (name: string): Pick<Allocation, 'types' | 'isDerivable'> => {
      const type = this.#types.named(name);
      return { types: type === null ? [] : [type], isDerivable: false };
    };
    if (value?.kind === 'address' && value.cell.startsWith('g:')) return named(value.cell.slice(2));
    const origin = value === undefined ? undefined : this.originOf(value);
    if (origin?.kind !== 'initial' && origin?.kind !== 'opaque') return named('');
    if (origin.kind === 'initial' && origin.path.root.kind === 'argument') {
      // tp_new is called with its type, or with one that is derived from it.
      const isFirst = origin.path.root.index === 0 && origin.path.steps.length === 0;
      if (isFirst) return { types: this.#types.made, isDerivable: true };
    }
    return named(/^(?:global |struct \w+\.)(\w+)$/.exec(origin.slot ?? '')?.[1] ?? '');
  }

  factsOf(cell: CellKey): CellFacts {
    return this.#cells.get(cell) ?? { path: null, slot: null, root: cell, isLocal: true };
  }

  originOf(value: Value): Origin | undefined {
    return value.kind === 'ref' ? this.origins.get(value.id) : undefined;
  }

  /** The cell of a place; null: not known which. */
  cellOf(place: Place, temp: (place: Place & { kind: 'memory' }) => Value): CellKey | null {
    switch (place.kind) {
      case 'local':
        return place.name;
      case 'global':
        return this.globalCell(place.name);
      case 'memory':
        return this.memoryCell(temp(place));
      case 'field': {
        const base = this.cellOf(place.base, temp);
        return base === null ? null : this.memberCell(base, place.name, place.struct);
      }
      case 'element': {
        const base = this.cellOf(place.base, temp);
        if (base === null || place.index === null) return null;
        return place.index === 0 ? base : this.memberCell(base, `[${place.index}]`, null);
      }
    }
  }

  /** Of an array of the function, the first element is where the array is. */
  noteArray(local: CellKey): void {
    if (this.#cells.has(local)) return;
    const slot = elementsSlot(local, this.cfg.name);
    this.#cells.set(local, { path: null, slot, root: local, isLocal: true });
  }

  globalCell(name: string): CellKey {
    const cell = `g:${name}`;
    if (!this.#cells.has(cell)) {
      this.#cells.set(cell, {
        path: { root: { kind: 'global', name }, steps: [] },
        slot: `global ${name}`,
        root: 'g:',
        isLocal: false,
      });
    }
    return cell;
  }

  /** `*pointer` */
  memoryCell(pointer: Value): CellKey | null {
    if (pointer.kind === 'address') return pointer.cell;
    if (pointer.kind !== 'ref' || pointer.interior || isTooLong(pointer.id)) return null;
    const cell = this.names.below(pointer.id);
    if (!this.#cells.has(cell)) {
      const origin = this.origins.get(pointer.id);
      this.#cells.set(cell, {
        path: origin?.kind === 'initial' ? extendPath(origin.path, { kind: 'dereference' }) : null,
        // Of an array that the function made, the first element.
        slot: origin?.kind === 'allocation' ? elementsSlot(pointer.id, this.cfg.name) : null,
        root: pointer.id,
        isLocal: false,
      });
    }
    return cell;
  }

  memberCell(base: CellKey, name: string, struct: string | null): CellKey {
    const cell = this.names.member(base, name);
    if (!this.#cells.has(cell)) {
      this.#withMembers.add(base);
      this.#globalLinks.note(cell, name);
      const facts = this.factsOf(base);
      this.#cells.set(cell, {
        path: facts.path === null ? null : extendPath(facts.path, { kind: 'member', name, struct }),
        slot: struct === null ? slotOfElement(name, facts.slot) : `struct ${struct}.${name}`,
        root: facts.root,
        isLocal: facts.isLocal,
      });
    }
    return cell;
  }

  /** An element of the array at an index that has a name; null: it has none. */
  elementCell(array: CellKey, index: Value): CellKey | null {
    if (index.kind !== 'int' && index.kind !== 'ref') return null;
    const cell = `${array}.[@${valueKey(index)}]`;
    if (cell.length > MAX_NAME) return null;
    if (!this.#cells.has(cell)) {
      this.#withElements.add(array);
      const { root, isLocal } = this.factsOf(array);
      this.#cells.set(cell, { path: null, slot: null, root, isLocal });
    }
    return cell;
  }

  /** What the cell holds; a cell that was never written gets a name for its content. */
  load(state: State, cell: CellKey | null, at: string, slot: Slot | null = null): Value {
    if (cell === null) return this.fresh(state, `load${at}`, { kind: 'opaque', slot });
    const held = state.cells.get(cell);
    if (held !== undefined && held.kind !== 'unknown') return held;
    const facts = this.factsOf(cell);
    const target = this.#functionIn(cell, facts);
    if (target !== null) return { kind: 'function', name: target };
    if (held?.kind === 'unknown' || cell.length > MAX_NAME) {
      const name = cell.length > MAX_NAME ? '' : `(${cell})`;
      const value = this.fresh(state, `load${at}${name}`, { kind: 'opaque', slot: facts.slot });
      if (held?.isTrue === true && value.kind === 'ref') state.facts.set(value.id, NOT_NULL);
      state.cells.set(cell, value);
      return value;
    }
    const version = state.versions.get(facts.root) ?? '';
    const id = initialId(cell, version);
    if (!this.origins.has(id)) {
      this.#named.add(version);
      if (version === '') this.#initialIn.set(id, facts.root);
      this.origins.set(
        id,
        facts.path !== null && version === ''
          ? { kind: 'initial', path: facts.path, slot: facts.slot }
          : { kind: 'opaque', slot: facts.slot },
      );
    }
    const value = ref(id);
    state.cells.set(cell, value);
    return value;
  }

  /** Whose memory held the value when the function was entered; undefined: it is no such value. */
  rootOfInitial(id: Id): CellKey | undefined {
    return this.#initialIn.get(id);
  }

  #functionIn(cell: CellKey, facts: CellFacts): string | null {
    if (facts.isLocal) return null;
    const known = this.#functions.get(cell);
    if (known !== undefined) return known;
    const found = this.#types.functionIn(facts);
    this.#functions.set(cell, found);
    return found;
  }

  store(state: State, cell: CellKey | null, value: Value, site: string): void {
    if (cell === null) {
      this.expose(state, value);
      return;
    }
    state.cells.set(cell, value);
    const { path, root, isLocal } = this.factsOf(cell);
    if (this.#forgetMembers(state, cell)) this.#changed(state, root, `@${site};`);
    const isOutside = isLocal ? state.escaped.has(root) : !state.isPrivate(root);
    if (!isOutside) return;
    this.#globalLinks.forget(state, cell);
    // The caller finds a block where it is stored.
    const isFound = path !== null && value.kind === 'ref' && !value.interior;
    if (!isFound) this.expose(state, value);
    else if (!state.escaped.has(value.id)) state.escaped.set(value.id, 'stored');
  }

  /** Code out of view may reach what the value points to. */
  expose(state: State, value: Value): void {
    if (value.kind === 'address') {
      // `&object->links` gives access to the object.
      state.escaped.set(this.factsOf(value.cell).root, true);
      this.exposeContents(state, value.cell);
    } else state.escape(value);
  }

  /** The same for what the cell holds, or a part of it. */
  exposeContents(state: State, cell: CellKey): void {
    state.cells.forEach((held, key) => {
      if (key !== cell && !key.startsWith(`${cell}.`)) return;
      state.escape(held);
      if (held.kind === 'address') this.#shareOwner(state, held.cell);
    });
  }

  /** Members of the cell have names of their own. */
  hasMembers(cell: CellKey): boolean {
    return this.#withMembers.has(cell);
  }

  /** What the members held; whether there were any. */
  #forgetMembers(state: State, cell: CellKey): boolean {
    const mayHave = this.#withMembers.has(cell) || this.#withElements.has(cell);
    return mayHave && state.forgetMembers(cell);
  }

  /** The memory below `root` is another one from here on; what was read after an earlier change loses its name. */
  #changed(state: State, root: string, version: string): void {
    this.#renew(state, version);
    state.versions.set(root, version);
  }

  #renew(state: State, version: string): void {
    if (this.isRepeated && this.#named.has(version)) state.renew(version);
  }

  /** A local comes into scope, perhaps again, with nothing in it. */
  declare(state: State, local: CellKey, version: string): void {
    state.cells.set(local, UNKNOWN);
    if (this.#forgetMembers(state, local)) this.#changed(state, local, version);
  }

  /** A named value; the same point names a new one each time it is reached. */
  fresh(state: State, id: Id, origin: Origin): Value {
    const name = `${id}~`;
    // What was never named is nowhere.
    if (this.isRepeated && this.origins.has(name)) state.renew(name);
    this.origins.set(name, origin);
    return ref(name);
  }

  /** Code out of view may have changed what the value gives access to, and may reach it from now on. */
  clobber(state: State, value: Value, version: string): void {
    this.expose(state, value);
    this.overwrite(state, value, version);
  }

  /** What the value gives access to may have changed; who reaches the value itself is as before. */
  overwrite(state: State, value: Value, version: string): void {
    if (value.kind === 'address') {
      this.exposeContents(state, value.cell);
      exposeSiblings(state);
      state.cells.set(value.cell, UNKNOWN);
      this.#forgetMembers(state, value.cell);
      this.#changed(state, this.factsOf(value.cell).root, version);
      this.#shareOwner(state, value.cell);
      return;
    }
    if (value.kind === 'ref') this.#overwriteBelow(state, [value.id], version);
  }

  /** The memory of the ids, and of whatever it leads to; all of them at once, since there may be thousands. */
  #overwriteBelow(state: State, ids: readonly Id[], version: string): void {
    const roots = new Set(ids);
    this.#renew(state, version);
    for (const id of ids) state.versions.set(id, version);
    for (let before = -1; before !== roots.size; ) {
      before = roots.size;
      state.cells.forEach((held, cell) => {
        if (!cell.startsWith('*') || !roots.has(this.factsOf(cell).root)) return;
        state.cells.delete(cell);
        if (held.kind === 'address') this.expose(state, held);
        if (held.kind !== 'ref' || roots.has(held.id)) return;
        roots.add(held.id);
        state.versions.set(held.id, version);
        state.escaped.set(held.id, true);
      });
    }
  }

  /** `&object->links` gives access to the object. */
  #shareOwner(state: State, cell: CellKey): void {
    const { root, isLocal } = this.factsOf(cell);
    if (!isLocal) state.escaped.set(root, true);
  }

  /** Globals, and every block that is not private to the function, may have changed. */
  clobberShared(state: State, version: string): void {
    const reached = [...state.escaped.keys()].filter(
      (id) => this.origins.get(id)?.kind === 'allocation',
    );
    for (const id of reached) {
      if (!isLent(state, id) && !isGivenOnly(this, state, id)) state.escape(ref(id));
    }
    for (const cell of state.cells.keys()) {
      if (cell.startsWith('g:')) state.cells.delete(cell);
    }
    this.#changed(state, 'g:', version);
    this.#overwriteBelow(state, reached, version);
  }
}
