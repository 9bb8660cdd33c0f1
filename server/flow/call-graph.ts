// Which function may call which, and which of them have to do with memory; strongly connected
// components, callees first.
import type { Unit } from '../cfg/context.ts';
import { groupBy } from '../group-by.ts';
import { components } from './components.ts';
import { type ApiRow, apiRow, PROJECT } from '../knowledge/row.ts';
import { type KnownType, TypeTable } from './type-table.ts';
import { FunctionPointers } from './function-pointers.ts';
import type { FunctionKey } from './exploration-memory.ts';
import { isOverload, onlyConverts } from './overloads.ts';
import { functionKeys, type ProgramFacts } from './program-facts.ts';
import type { ParsedFile } from './unit.ts';
import { afterExpansion } from './macro-heads.ts';
import { macroMentions } from './macro-mentions.ts';
import {
  changesThreadState,
  type FunctionDefinition,
  handlesMemory,
  startsDetached,
} from './functions.ts';
import type { Detachment } from './heap-call.ts';
import { writtenStarts } from './written-starts.ts';

export interface FunctionNode {
  readonly file: ParsedFile;
  readonly unit: Unit;
  readonly definition: FunctionDefinition;
  /** The functions and memory calls that it may make, through macros too. */
  readonly mentions: ReadonlySet<string>;
}

/** A file to analyze, with the headers that it includes. */
export interface GraphFile {
  readonly file: ParsedFile;
  readonly headers: readonly ParsedFile[];
  readonly unit: Unit;
}

export class CallGraph {
  readonly files: readonly GraphFile[];
  readonly nodes: readonly FunctionNode[];
  readonly types: TypeTable;
  readonly #local = new Map<ParsedFile, Map<string, FunctionNode[]>>();
  readonly pointers: FunctionPointers;
  readonly #external = new Map<string, FunctionNode[]>();
  readonly #headers = new Map<ParsedFile, readonly ParsedFile[]>();
  #callers: ReadonlyMap<FunctionNode, readonly FunctionNode[]> | null = null;
  #threadChangers: ReadonlySet<FunctionNode> | null = null;
  #writtenStarts: ReturnType<CallGraph['writtenStarts']> | null = null;
  readonly #conversions: ReadonlySet<FunctionNode>;
  readonly #keys: ReadonlyMap<FunctionNode, FunctionKey>;
  readonly #nodeOf: ReadonlyMap<FunctionKey, FunctionNode>;
  readonly #facts: ProgramFacts | null;
  readonly #needed = new Map<FunctionNode, readonly FunctionNode[]>();

  /** `facts`: of the whole program, where the files are a part of it. */
  constructor(files: readonly GraphFile[], facts: ProgramFacts | null = null) {
    this.#facts = facts;
    this.files = files;
    const definitions = new Map(
      files.map(({ file, unit }) => [file, file.functions.map((f) => afterExpansion(f, unit))]),
    );
    const names = new Set([...definitions.values()].flat().map((f) => f.name));
    const methods = methodsByName(names);
    const functions = new Set([...names, ...methods.keys()]);
    for (const { file, headers } of files) this.#headers.set(file, headers);
    this.types = new TypeTable(files);
    this.pointers = new FunctionPointers(files, (name) => functions.has(name), facts);
    this.nodes = files.flatMap(({ file, unit }) => {
      const expand = macroMentions(unit, (name) => functions.has(name) || isOfInterest(name));
      return definitions.get(file)!.map((definition) => ({
        file,
        unit,
        definition,
        mentions: withMethods(this.#withPointed(expand(definition), definition), methods),
      }));
    });
    this.#conversions = new Set(this.nodes.filter(onlyConverts));
    this.#keys = functionKeys(this.nodes);
    this.#nodeOf = new Map(Array.from(this.#keys, ([node, key]) => [key, node]));
    for (const node of this.nodes) {
      let local = this.#local.get(node.file);
      if (local === undefined) this.#local.set(node.file, (local = new Map()));
      add(local, node.definition.name, node);
      if (!node.definition.isStatic) add(this.#external, node.definition.name, node);
    }
  }

  /** Adds the functions in the pointers and tables that a function names. */
  #withPointed(names: ReadonlySet<string>, { mentions }: FunctionDefinition): ReadonlySet<string> {
    const pointed = [...mentions].flatMap((name) => this.pointers.targetsOf(name));
    return pointed.length === 0 ? names : new Set([...names, ...pointed]);
  }

  /** Names a function by its file, and its place among the definitions of the name there. */
  keyOf(node: FunctionNode): FunctionKey {
    return this.#keys.get(node)!;
  }

  nodeOf(key: FunctionKey): FunctionNode {
    return this.#nodeOf.get(key)!;
  }

  /** The definitions of a name in a file, in the order of the text. */
  definedIn(file: ParsedFile, name: string): readonly FunctionNode[] {
    return this.#local.get(file)?.get(name) ?? [];
  }

  /** The definitions that a name means where `from` uses it; several under different conditions. */
  resolve(from: FunctionNode, name: string): readonly FunctionNode[] {
    const here = this.#inSight(from, name);
    const found = here.length > 0 ? here : this.#proper(this.#external.get(name) ?? []);
    // Overloaded functions: which one is called depends on the types of the arguments.
    if (found.length > 1 && found.every((n) => isOverload(n))) return [];
    // A function of the table keeps its meaning where the program is its implementation.
    const row = apiRow(name);
    if (
      found.length === 0 ||
      row?.lib === PROJECT ||
      (row !== undefined && !here.some((n) => isOwnMeaning(n, from, row)))
    ) {
      return [];
    }
    // The same name in several programs of one workspace says nothing.
    return found.every((n) => n.file === found[0]!.file) ? found : [];
  }

  /** The definitions in the file itself, else in the headers that it includes. */
  #inSight(from: FunctionNode, name: string): readonly FunctionNode[] {
    const own = this.#proper(this.definedIn(from.file, name));
    if (own.length > 0) return own;
    for (const header of this.#headers.get(from.file) ?? []) {
      const included = this.#proper(this.definedIn(header, name));
      if (included.length > 0) return included;
    }
    return [];
  }

  /** Without overloads that only convert an argument for another one. */
  #proper(nodes: readonly FunctionNode[]): readonly FunctionNode[] {
    if (this.#conversions.size === 0) return nodes;
    return nodes.filter((node) => !this.#conversions.has(node));
  }

  /** Whether the functions of a cycle call each other, or the only one itself. */
  isRecursive(cycle: readonly FunctionNode[]): boolean {
    return cycle.length > 1 || cycle.some((node) => this.neededBy(node).includes(node));
  }

  calleesOf(node: FunctionNode): FunctionNode[] {
    return [...node.mentions].flatMap((name) => this.resolve(node, name));
  }

  /** The function in a slot of a type; null: none in view, or not one. */
  slotFunction(type: KnownType, slot: string): FunctionNode | null {
    const value = this.types.slot(type, slot);
    if (value?.kind !== 'function') return null;
    const found = this.#local.get(type.file)?.get(value.name) ?? [];
    return found.length === 1 ? found[0]! : null;
  }

  /** What the types whose objects a function makes may run: tp_dealloc, and what makes an instance. */
  #slotsFrom(node: FunctionNode): FunctionNode[] {
    const { name, mentions } = node.definition;
    const types = [
      ...this.types.madeBy(name, node.file),
      ...[...mentions].flatMap((mention) => this.types.named(mention, node.file) ?? []),
    ];
    if (types.length === 0) return [];
    const isCalled = [...mentions].some((mention) => apiRow(mention)?.callableArg != null);
    const slots = isCalled ? ['tp_dealloc', 'tp_new', 'tp_init'] : ['tp_dealloc'];
    return types.flatMap((type) => slots.flatMap((slot) => this.slotFunction(type, slot) ?? []));
  }

  /** Makes an object that nobody else has, and gives up references. */
  #dropsObjects({ file, definition }: FunctionNode): boolean {
    const rows = [...definition.mentions].flatMap((name) => apiRow(name) ?? []);
    if (!rows.some(({ role }) => role === 'refcount-dec')) return false;
    return (
      rows.some(({ isFresh }) => isFresh) ||
      (rows.some(({ callableArg }) => callableArg !== null) &&
        [...definition.mentions].some((name) => this.types.named(name, file) !== null))
    );
  }

  /**
   * Functions that may run with a detached thread state: those that detach it, or start a thread, call
   * them, directly or not.
   */
  reachableDetached(): ReadonlySet<FunctionNode> {
    if (this.#facts !== null) return this.#nodesOf(this.#facts.detached);
    const found = new Set(this.writtenStarts().map(({ node }) => node));
    const detaching = this.nodes.filter((node) => [...node.mentions].some(mayDetach));
    const pending = [...found, ...detaching];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (const callee of this.calleesOf(node)) {
        if (found.has(callee)) continue;
        found.add(callee);
        pending.push(callee);
      }
    }
    return found;
  }

  /** Functions that the text says are started without a thread state. */
  writtenStarts(): readonly { readonly node: FunctionNode; readonly by: Detachment }[] {
    this.#writtenStarts ??= this.nodes.flatMap((from) =>
      writtenStarts(from).flatMap(({ name, by }) =>
        this.resolve(from, name).map((node) => ({ node, by })),
      ),
    );
    return this.#writtenStarts;
  }

  /** Whether a function may change the thread state, itself or by what it calls. */
  changesThread(node: FunctionNode): boolean {
    this.#threadChangers ??=
      this.#facts === null
        ? this.#withCallers(this.nodes.filter(mentionsThreadState))
        : this.#nodesOf(this.#facts.threadChangers);
    return this.#threadChangers.has(node);
  }

  /** What the exploration of a function may ask for: its callees, and the slots of types that it may run. */
  neededBy(node: FunctionNode): readonly FunctionNode[] {
    let needed = this.#needed.get(node);
    if (needed === undefined) {
      needed = [...this.calleesOf(node), ...this.#slotsFrom(node)];
      this.#needed.set(node, needed);
    }
    return needed;
  }

  handlesMemory(node: FunctionNode): boolean {
    return (
      [...node.mentions].some((name) => isOfInterest(name)) ||
      this.#dropsObjects(node) ||
      this.types.destroyedBy(node.definition.name, node.file) !== null
    );
  }

  /** Functions that handle memory and whoever calls them, in cycles of calls; callees first. */
  relevantInOrder(): FunctionNode[][] {
    if (this.#facts !== null) {
      return this.#facts.order.map((keys) => keys.map((key) => this.nodeOf(key)));
    }
    const relevant = this.#withCallers(this.nodes.filter((node) => this.handlesMemory(node)));
    const nodes = this.nodes.filter((node) => relevant.has(node));
    return components(nodes, (node) => this.neededBy(node).filter((c) => relevant.has(c)));
  }

  #nodesOf(keys: readonly FunctionKey[]): ReadonlySet<FunctionNode> {
    return new Set(keys.map((key) => this.nodeOf(key)));
  }

  /** The functions, and those that call them, directly or not. */
  #withCallers(functions: readonly FunctionNode[]): ReadonlySet<FunctionNode> {
    this.#callers ??= this.#callersOfAll();
    const found = new Set(functions);
    const pending = [...functions];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (const caller of this.#callers.get(node) ?? []) {
        if (found.has(caller)) continue;
        found.add(caller);
        pending.push(caller);
      }
    }
    return found;
  }

  #callersOfAll(): ReadonlyMap<FunctionNode, readonly FunctionNode[]> {
    const callers = new Map<FunctionNode, FunctionNode[]>();
    for (const node of this.nodes) {
      // What a generator wrote is looked at where it names a memory function itself.
      if (node.file.isGenerated) continue;
      for (const callee of this.calleesOf(node)) {
        const known = callers.get(callee);
        if (known === undefined) callers.set(callee, [node]);
        else known.push(node);
      }
    }
    return callers;
  }
}

/** A static function of the name; Python's own headers define functions of the table so, in its meaning. */
function isOwnMeaning(
  { file, definition }: FunctionNode,
  from: FunctionNode,
  row: ApiRow,
): boolean {
  return definition.isStatic && (file === from.file || row.lib !== 'cpython');
}

/** The methods `Foo::bar` by the name `bar` that calls of C++ mention. */
function methodsByName(names: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  return groupBy(
    [...names].filter((name) => name.includes('::')),
    (name) => name.slice(name.lastIndexOf('::') + 2),
  );
}

function withMethods(
  mentions: ReadonlySet<string>,
  methods: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  if (methods.size === 0) return mentions;
  return new Set([...mentions].flatMap((name) => [name, ...(methods.get(name) ?? [])]));
}

function isOfInterest(name: string): boolean {
  return handlesMemory(name) || changesThreadState(name) || startsDetached(name);
}

/** By a call of the table, or of something out of view that is named so. */
export function mentionsThreadState({ mentions, definition }: FunctionNode): boolean {
  if ([...mentions].some((name) => changesThreadState(name))) return true;
  return [...definition.mentions].some((name) => isNamedForThreads(name));
}

/** Whether a function that is not in view sounds as if it changed the thread state. */
export function isNamedForThreads(name: string): boolean {
  return (
    /gil|thread|python|interp|attach|acquire|restore/i.test(name) && apiRow(name) === undefined
  );
}

function mayDetach(name: string): boolean {
  return changesThreadState(name) || startsDetached(name);
}

function add(map: Map<string, FunctionNode[]>, key: string, node: FunctionNode): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [node]);
  else list.push(node);
}
