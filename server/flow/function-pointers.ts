// Which function a pointer holds, over the whole workspace: a global or a table that is initialized and
// not written again, a member that is always set to the same function, a symbol looked up by its name.
// What has two candidates has none.
import type { Unit } from '../cfg/context.ts';
import { canonicalStruct } from '../cfg/declarations.ts';
import { apiRow } from '../knowledge/row.ts';
import { groupBy } from '../group-by.ts';
import type { GraphFile } from './call-graph.ts';
import type { CellFacts } from './in-sight.ts';
import { type MemberTarget, memberTargets, targetOf } from './member-targets.ts';
import {
  functionNamed,
  LOADER,
  loadedSymbols,
  loadingMacros,
  type PointerTable,
} from './pointer-facts.ts';
import type { ParsedFile } from './unit.ts';

interface Candidate {
  readonly name: string;
  readonly file: ParsedFile;
  readonly isStatic: boolean;
  readonly function: string;
}

interface Table extends PointerTable {
  readonly in: GraphFile;
}

/** What the texts of the whole program say about pointers of some names. */
export interface PointerWorld {
  readonly members: readonly MemberTarget[];
  readonly loaded: readonly (readonly [string, string])[];
  /** Globals and tables that are written after their initialization; see `writtenKey`. */
  readonly written: readonly string[];
}

function writtenKey(name: string, file: ParsedFile): string {
  return `${name} ${file.source.file}`;
}

export class FunctionPointers {
  readonly #files: readonly GraphFile[];
  readonly #globals: ReadonlyMap<string, readonly Candidate[]>;
  readonly #tables: ReadonlyMap<string, readonly Table[]>;
  readonly #members: ReadonlyMap<string, readonly MemberTarget[]>;
  readonly #loaded: ReadonlyMap<string, string>;
  readonly #targets: ReadonlyMap<string, readonly string[]>;

  readonly #written: ReadonlySet<string> | null;
  readonly #knownWritten = new Map<string, boolean>();

  /** `facts`: of the whole program, where the files are a part of it. */
  constructor(
    files: readonly GraphFile[],
    isFunction: (name: string) => boolean,
    facts: { readonly pointers: PointerWorld } | null = null,
  ) {
    this.#written = facts === null ? null : new Set(facts.pointers.written);
    const isCallable = (name: string): boolean => isFunction(name) || apiRow(name) !== undefined;
    this.#files = files;
    this.#tables = groupBy(
      files.flatMap((each) => each.file.pointers.tables.map((table) => ({ ...table, in: each }))),
      (table) => table.name,
    );
    this.#globals = groupBy(
      files.flatMap(({ file }) =>
        file.pointers.globals
          .filter((g) => isCallable(g.function))
          .filter((g) => g.isConstant || !this.#isWritten(g, file))
          .map((g) => ({ ...g, file })),
      ),
      (global) => global.name,
    );
    this.#members = groupBy(
      facts === null ? memberTargets(files, isCallable) : facts.pointers.members,
      ({ member }) => member,
    );
    this.#loaded = facts === null ? loadedIn(files) : new Map(facts.pointers.loaded);
    this.#targets = this.#collectTargets();
  }

  #collectTargets(): Map<string, string[]> {
    const targets = new Map<string, string[]>();
    const add = (name: string, target: string): void => {
      targets.set(name, [...(targets.get(name) ?? []), target]);
    };
    for (const [name, target] of this.#loaded) add(name, target);
    for (const { member, function: target } of [...this.#members.values()].flat()) {
      if (target !== null) add(member, target);
    }
    for (const global of [...this.#globals.values()].flat()) add(global.name, global.function);
    for (const table of [...this.#tables.values()].flat()) {
      const struct = canonicalStruct(table.type, table.in.unit.declarations);
      const members = [...(table.in.unit.declarations.structs.get(struct ?? '')?.keys() ?? [])];
      table.items.forEach(({ member, text }, i) => {
        const target = functionNamed(text);
        const name = table.isArray ? table.name : (member ?? members[i]);
        if (target !== null && name !== undefined) add(name, target);
      });
    }
    return targets;
  }

  /** Equal for programs with the same declarations in which every pointer holds the same. */
  fingerprint(): string {
    const written = [...this.#tables.values()]
      .flat()
      .filter((table) => !table.isConstant && this.#isWritten(table, table.in.file));
    return JSON.stringify([
      [...this.#members.values()].flat(),
      [...this.#loaded],
      [...this.#globals.values()].flat().map((g) => [g.name, g.file.source.file, g.function]),
      written.map((table) => [table.name, table.in.file.source.file]),
    ]);
  }

  /** What the program says about pointers of these names, and about what these files hold. */
  world(names: ReadonlySet<string>, files: ReadonlySet<ParsedFile>): PointerWorld {
    const isNamed = ([name]: readonly [string, string]): boolean => names.has(name);
    const holders = [...files].flatMap((file) =>
      [...file.pointers.globals, ...file.pointers.tables].map((each) => ({ each, file })),
    );
    return {
      members: [...this.#members.values()].flat().filter(({ member }) => names.has(member)),
      loaded: [...this.#loaded].filter(isNamed),
      written: holders
        .filter(({ each, file }) => this.#isWritten(each, file))
        .map(({ each, file }) => writtenKey(each.name, file)),
    };
  }

  /** The files with globals and tables that these names, of them or of what is in them, are about. */
  filesAbout(names: ReadonlySet<string>): ReadonlySet<ParsedFile> {
    const found = this.#files.filter(({ file, unit }) => {
      const { globals, tables } = file.pointers;
      return (
        globals.some((each) => names.has(each.name)) ||
        tables.some((each) => isAbout(each, names) || hasMember(each, unit, names))
      );
    });
    return new Set(found.map(({ file }) => file));
  }

  /** The functions that a pointer, or a member or element of a table, of this name may hold. */
  targetsOf(name: string): readonly string[] {
    return this.#targets.get(name) ?? [];
  }

  global(name: string, file: ParsedFile): string | null {
    const loaded = this.#loaded.get(name);
    if (loaded !== undefined) return loaded;
    return visible(this.#globals.get(name) ?? [], file)?.function ?? null;
  }

  /** The function that a cell holds whenever it is read; null: not known. */
  inCell({ path, slot }: CellFacts, file: ParsedFile): string | null {
    if (path?.root.kind === 'global') {
      const { name } = path.root;
      const [step = '[0]', ...others] = path.steps.flatMap((each) =>
        each.kind === 'member' ? [each.name] : [],
      );
      const global = path.steps.length === 0 ? this.global(name, file) : null;
      const found = global ?? (others.length === 0 ? this.#inTable(name, step, file) : null);
      if (found !== null) return found;
    }
    const [, struct, member] = /^struct ([^.]+)\.(\w+)$/.exec(slot ?? '') ?? [];
    return struct === undefined ? null : targetOf(this.#members.get(member!), struct);
  }

  #inTable(name: string, step: string, file: ParsedFile): string | null {
    const table = visible(
      (this.#tables.get(name) ?? []).map((t) => ({ ...t, file: t.in.file })),
      file,
    );
    if (table === null || (!table.isConstant && this.#isWritten(table, table.file))) return null;
    if (table.isArray !== step.startsWith('[')) return null;
    const { structs } = table.in.unit.declarations;
    const struct = canonicalStruct(table.type, table.in.unit.declarations);
    const index = table.isArray
      ? Number(step.slice(1, -1))
      : [...(structs.get(struct ?? '')?.keys() ?? [])].indexOf(step);
    const item =
      table.items.find(({ member }) => member === step) ??
      (table.items.some(({ member }) => member !== null) ? undefined : table.items[index]);
    return item === undefined ? null : functionNamed(item.text);
  }

  /** Whether something is assigned to it, or its address is taken, where it is visible. */
  #isWritten({ name, isStatic }: { name: string; isStatic: boolean }, file: ParsedFile): boolean {
    const key = writtenKey(name, file);
    if (this.#written !== null) return this.#written.has(key);
    let isWritten = this.#knownWritten.get(key);
    if (isWritten === undefined) {
      isWritten = this.#countWrites(name, isStatic, file) > 0;
      this.#knownWritten.set(key, isWritten);
    }
    return isWritten;
  }

  /** Without its own initializer. */
  #countWrites(name: string, isStatic: boolean, file: ParsedFile): number {
    const write = new RegExp(
      String.raw`\b${name}\s*(?:\.\s*\w+|\[[^\]]*\])?\s*=(?!=|\s*\{)|&\s*${name}\b(?!\s*[.\[])`,
      'g',
    );
    const texts = isStatic ? [file] : this.#files.map((each) => each.file);
    let initializers = 0;
    for (const { source } of texts) {
      if (!source.text.includes(name)) continue;
      initializers += source.text.match(write)?.length ?? 0;
    }
    // Its own initializer, unless that is a list.
    return initializers - (this.#tables.has(name) ? 0 : 1);
  }
}

function isAbout(
  each: { readonly name: string; readonly items?: PointerTable['items'] },
  names: ReadonlySet<string>,
): boolean {
  return (
    names.has(each.name) ||
    each.items?.some(({ member }) => member !== null && names.has(member)) === true
  );
}

/** A list without designators: its members are those of its type. */
function hasMember(
  table: PointerTable,
  { declarations }: Unit,
  names: ReadonlySet<string>,
): boolean {
  const struct = canonicalStruct(table.type, declarations);
  return [...(declarations.structs.get(struct ?? '')?.keys() ?? [])].some((m) => names.has(m));
}

/** The one that the file sees; null: none, or several. */
function visible<T extends { readonly file: ParsedFile; readonly isStatic: boolean }>(
  all: readonly T[],
  file: ParsedFile,
): T | null {
  const own = all.filter((each) => each.file === file);
  const found = own.length > 0 ? own : all.filter((each) => !each.isStatic);
  return found.length === 1 ? found[0]! : null;
}

function loadedIn(files: readonly GraphFile[]): Map<string, string> {
  if (!files.some(({ file }) => LOADER.test(file.source.text))) return new Map();
  const macros = loadingMacros(files.flatMap(({ file }) => [...file.macros.values()].flat()));
  const symbols = files.flatMap(({ file, unit }) =>
    loadedSymbols(file.source.text, macros, unit.macros),
  );
  const loaded = new Map<string, string>();
  for (const [pointer, all] of groupBy(symbols, (s) => s.pointer)) {
    // Names of other versions of the library are not in the table.
    const known = [...new Set(all.map(({ symbol }) => symbol))].filter((s) => apiRow(s));
    if (known.length === 1) loaded.set(pointer, known[0]!);
  }
  return loaded;
}
