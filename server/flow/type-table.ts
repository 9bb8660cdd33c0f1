// The type objects of the program: which one a name means, which function serves it, and what CPython
// makes of its slots and flags when the type gets ready (Objects/typeobject.c, inherit_slots).
import type { Family } from '../../simulator/families.ts';
import type { Unit } from '../cfg/context.ts';
import { apiRow } from '../knowledge/row.ts';
import { groupBy } from '../group-by.ts';
import { flagsOf, namesOf, type SlotValue, type TypeObject } from './type-objects.ts';
import type { ParsedFile } from './unit.ts';
import type { Slot } from './value.ts';

export interface KnownType extends TypeObject {
  readonly file: ParsedFile;
  /** What a macro in its flags stands for; null: not one text. */
  readonly macroBody: (name: string) => string | null;
}

/** Whether a type has a property; null: not known. */
export type Answer = boolean | null;

const DESTRUCTORS = ['tp_dealloc', 'tp_free'] as const;

export class TypeTable {
  readonly types: readonly KnownType[];
  readonly #byName: ReadonlyMap<string, readonly KnownType[]>;

  constructor(files: readonly { readonly file: ParsedFile; readonly unit: Unit }[]) {
    this.types = files.flatMap(({ file, unit }) => {
      const macroBody = (name: string): string | null => {
        const definitions = unit.macros.get(name) ?? [];
        const bodies = new Set(definitions.map(({ body }) => body));
        return bodies.size === 1 ? [...bodies][0]! : null;
      };
      return file.types.map((type) => ({ ...type, file, macroBody }));
    });
    const names = this.types.flatMap((type) =>
      [type.name, ...type.pointers].map((name) => ({ name, type })),
    );
    this.#byName = new Map(
      [...groupBy(names, ({ name }) => name)].map(([name, found]) => [
        name,
        found.map(({ type }) => type),
      ]),
    );
  }

  /** What a name of a type object, or of a pointer to one, means in a file. */
  named(name: string, file: ParsedFile): KnownType | null {
    const all = this.#byName.get(name) ?? [];
    const here = all.filter((type) => type.file === file);
    const found = here.length > 0 ? here : all;
    return found.length === 1 ? found[0]! : null;
  }

  /** The types of a file that have a function in one of these slots. */
  servedBy(functionName: string, file: ParsedFile, slots: readonly string[]): KnownType[] {
    return this.types.filter(
      (type) =>
        type.file === file &&
        slots.some((slot) => namesOf(type.slots.get(slot)).includes(functionName)),
    );
  }

  /** The type whose instances the function destroys. */
  destroyedBy(functionName: string, file: ParsedFile): KnownType | null {
    return this.servedBy(functionName, file, DESTRUCTORS)[0] ?? null;
  }

  /** The types whose instances the function makes as tp_new. */
  madeBy(functionName: string, file: ParsedFile): readonly KnownType[] {
    return this.servedBy(functionName, file, ['tp_new']);
  }

  /** Whether the interpreter calls the function to set up instances of a type. */
  initializes(functionName: string, file: ParsedFile): boolean {
    return this.servedBy(functionName, file, ['tp_init']).length > 0;
  }

  /** The value of a slot with what the type inherits; null: not known. */
  slot(type: KnownType, name: string): SlotValue | null {
    for (const each of this.#lineage(type)) {
      const own = each === null ? null : (each.slots.get(name) ?? { kind: 'null' });
      if (own?.kind === 'null') continue;
      if (own === null || each === null || own.kind === 'unknown') return null;
      // A type that adds the collector gets the release that goes with it, not that of its base.
      const isOther = name === 'tp_free' && this.isCollected(each) !== this.isCollected(type);
      return isOther ? { kind: 'null' } : own;
    }
    return { kind: 'null' };
  }

  /** The type and its bases up to object; null at the end: the next one is not known. */
  #lineage(type: KnownType): readonly (KnownType | null)[] {
    const lineage: (KnownType | null)[] = [type];
    let base = this.base(type);
    for (; base !== 'unknown' && base !== null; base = this.base(base)) {
      if (lineage.includes(base)) return [...lineage, null];
      lineage.push(base);
    }
    return base === null ? lineage : [...lineage, null];
  }

  /** null: object itself. */
  base(type: KnownType): KnownType | 'unknown' | null {
    if (type.hasUnknownBases) return 'unknown';
    const base = type.slots.get('tp_base') ?? { kind: 'null' };
    if ((type.slots.get('tp_bases')?.kind ?? 'null') !== 'null') return 'unknown';
    if (base.kind === 'null') return null;
    if (base.kind === 'unknown') return 'unknown';
    const named = this.named(base.name, type.file);
    return named ?? 'unknown';
  }

  isCollected(type: KnownType): Answer {
    for (const each of this.#lineage(type)) {
      const own = each === null ? null : hasFlag(each, collectedFlag);
      if (own !== false) return own;
      // Without traverse and clear of its own a type takes them over, and the flag with them.
      const functions = ['tp_traverse', 'tp_clear'].map((slot) => each!.slots.get(slot));
      if (functions.some((value) => value !== undefined && value.kind !== 'null')) return false;
    }
    return false;
  }

  /**
   * Whether Python code can make instances of classes that it derives: these are collected whatever their
   * base is, and tp_new is called with them.
   */
  isSubclassed(type: KnownType): Answer {
    const isBase = hasFlag(type, (flag) => flag === 'Py_TPFLAGS_BASETYPE');
    if (isBase !== true) return isBase;
    const make = this.slot(type, 'tp_new');
    return make === null ? null : make.kind === 'function';
  }

  /** The type under whose name the function in tp_dealloc is looked at; null: not one in view. */
  deallocOwner(type: KnownType): KnownType | null {
    const owner = this.#owner(type, 'tp_dealloc');
    const value = owner?.slots.get('tp_dealloc');
    if (owner === null || value?.kind !== 'function') return null;
    return this.destroyedBy(value.name, owner.file);
  }

  /** The type that a slot is inherited from; null: object, or not known. */
  #owner(type: KnownType, name: string): KnownType | null {
    const set = this.#lineage(type).find(
      (each) => each === null || (each.slots.get(name)?.kind ?? 'null') !== 'null',
    );
    return set ?? null;
  }

  /** The memory of instances from PyType_GenericAlloc, the default of tp_alloc; null: not known. */
  instanceFamily(type: KnownType): Family | null {
    const isCollected = this.isCollected(type);
    if (isCollected === null) return null;
    return isCollected ? 'py-gc-object' : 'py-object-instance';
  }
}

function collectedFlag(flag: string): boolean {
  const row = apiRow(flag);
  return row?.role === 'type-flag' && row.family === 'py-gc-object';
}

function hasFlag(type: KnownType, test: (flag: string) => boolean): Answer {
  if ([...type.flags.set].some(test)) return true;
  if ([...type.flags.maybe].some(test)) return null;
  const answers = [...type.flags.others].map((macro) => macroHasFlag(type, macro, test, 0));
  if (answers.includes(true)) return true;
  return answers.includes(null) ? null : false;
}

/** Macros in macros; deeper ones are not looked into. */
const MAX_MACRO_DEPTH = 4;

function macroHasFlag(
  type: KnownType,
  macro: string,
  test: (flag: string) => boolean,
  depth: number,
): Answer {
  const body = depth > MAX_MACRO_DEPTH ? null : type.macroBody(macro);
  if (body === null) return null;
  const { set, others } = flagsOf(body);
  if ([...set].some(test)) return true;
  const answers = [...others].map((inner) => macroHasFlag(type, inner, test, depth + 1));
  if (answers.includes(true)) return true;
  return answers.includes(null) ? null : false;
}

export function isTypeSlot(slot: Slot): boolean {
  return slot.startsWith('type ');
}

/** Where the instances of a type come from and go to. */
export function typeSlot(type: KnownType): Slot {
  return `type ${type.name} of ${type.file.source.file}`;
}
