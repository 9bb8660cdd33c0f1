// What has to be known of a program to explore the functions of one file: which other files are read for it, and
// what the rest of the program says. A plan changes only when something in it does, so a file whose plan is
// the same as before need not be explored again.
import type { Prepared } from '../prepare.ts';
import type { FunctionNode, GraphFile } from '../flow/call-graph.ts';
import type { FunctionKey } from '../flow/exploration-memory.ts';
import type { ProgramFacts } from '../flow/program-facts.ts';
import type { ParsedFile } from '../flow/unit.ts';
import type { Language } from '../syntax/language.ts';
import { namesIn } from './names-in.ts';

export interface Plan {
  /** Of the program, in its order. */
  readonly files: readonly PlannedFile[];
  readonly facts: ProgramFacts;
  /** Places in `facts.order` of the components that are explored for the file. */
  readonly own: readonly number[];
}

export type PlannedFile =
  | {
      readonly kind: 'read';
      readonly file: string;
      /** Where its index is, and the hash of that. */
      readonly index: string;
      readonly hash: string;
      readonly headers: readonly string[];
    }
  /** Nothing is known of it but that it defines these functions, in the order of the text. */
  | {
      readonly kind: 'named';
      readonly file: string;
      readonly language: Language;
      readonly functions: readonly NamedFunction[];
    };

export interface NamedFunction {
  readonly name: string;
  readonly isStatic: boolean;
  readonly isConditional: boolean;
}

interface Program extends Prepared {
  readonly components: readonly (readonly FunctionNode[])[];
  readonly indexOf: (file: string) => { readonly index: string; readonly hash: string };
}

export class Planner {
  readonly #program: Program;
  readonly #componentOf = new Map<FunctionNode, number>();
  readonly #definers = new Map<string, FunctionNode[]>();
  readonly #detached: ReadonlySet<FunctionNode>;
  readonly #files: ReadonlyMap<ParsedFile, GraphFile>;
  readonly #names = new Map<FunctionNode, ReadonlySet<string>>();

  constructor(program: Program) {
    this.#program = program;
    const { graph, components } = program;
    for (const [index, cycle] of components.entries()) {
      for (const node of cycle) this.#componentOf.set(node, index);
    }
    for (const node of graph.nodes) {
      if (node.definition.isStatic) continue;
      for (const name of callableNames(node.definition.name)) {
        const known = this.#definers.get(name);
        if (known === undefined) this.#definers.set(name, [node]);
        else known.push(node);
      }
    }
    this.#detached = graph.reachableDetached();
    this.#files = new Map(graph.files.map((each) => [each.file, each]));
  }

  /** A component belongs to the file of its first function. */
  planOf(file: ParsedFile): Plan {
    const { graph, components, parsed } = this.#program;
    const own = new Set([...components.keys()].filter((i) => components[i]![0]!.file === file));
    const closure = this.#closureOf(own);
    const explored = this.#exploredFor([...closure].flatMap((index) => components[index]!));
    const names = new Set([...explored].flatMap((node) => [...this.#namesOf(node)]));
    const read = this.#filesRead(explored, names);
    const order = [...closure].toSorted((a, b) => a - b);
    const named = this.#namedOutside(read, names);
    const inView = graph.nodes.filter((node) => read.has(node.file) || named.has(node));
    const keysOf = (nodes: readonly FunctionNode[]): FunctionKey[] =>
      nodes.map((node) => graph.keyOf(node));
    return {
      files: parsed.flatMap((each) => this.#planned(each, read, named)),
      facts: {
        pointers: graph.pointers.world(names, read),
        detached: keysOf(inView.filter((node) => this.#detached.has(node))),
        threadChangers: keysOf(inView.filter((node) => graph.changesThread(node))),
        order: order.map((index) => keysOf(components[index]!)),
      },
      own: order.flatMap((index, place) => (own.has(index) ? [place] : [])),
    };
  }

  /** The components with all that they need. */
  #closureOf(own: ReadonlySet<number>): ReadonlySet<number> {
    const closure = new Set(own);
    for (const index of closure) {
      for (const node of this.#program.components[index]!) {
        for (const needed of this.#program.graph.neededBy(node)) {
          const component = this.#componentOf.get(needed);
          if (component !== undefined) closure.add(component);
        }
      }
    }
    return closure;
  }

  /** With helpers, and the small functions that these are told of. */
  #exploredFor(nodes: readonly FunctionNode[]): ReadonlySet<FunctionNode> {
    const { graph } = this.#program;
    const helpers = new Set(nodes.flatMap((node) => graph.neededBy(node)));
    const small = [...helpers].flatMap((node) => graph.neededBy(node));
    // What helpers that are handed callbacks ask for.
    const further = small.flatMap((node) => graph.neededBy(node));
    return new Set([...nodes, ...helpers, ...small, ...further]);
  }

  #namesOf(node: FunctionNode): ReadonlySet<string> {
    let names = this.#names.get(node);
    if (names === undefined) {
      names = new Set([...node.mentions, ...namesIn(node.definition.text, node.unit.macros)]);
      this.#names.set(node, names);
    }
    return names;
  }

  #filesRead(
    explored: ReadonlySet<FunctionNode>,
    names: ReadonlySet<string>,
  ): ReadonlySet<ParsedFile> {
    const { graph } = this.#program;
    const read = new Set([...explored].map((node) => node.file));
    for (const file of graph.pointers.filesAbout(names)) read.add(file);
    const typeNames = new Set(names);
    // Types that are named, their bases, and what else these files define.
    for (let known = -1; typeNames.size + read.size > known; ) {
      known = typeNames.size + read.size;
      for (const type of graph.types.types) {
        const isNamed = [type.name, ...type.pointers].some((name) => typeNames.has(name));
        if (isNamed) read.add(type.file);
        const base = read.has(type.file) ? type.slots.get('tp_base') : undefined;
        if (base?.kind === 'function') typeNames.add(base.name);
      }
    }
    for (const file of read) for (const header of this.#files.get(file)!.headers) read.add(header);
    return read;
  }

  /** Functions that are named, in files that are not read. */
  #namedOutside(
    read: ReadonlySet<ParsedFile>,
    names: ReadonlySet<string>,
  ): ReadonlySet<FunctionNode> {
    const found = [...names].flatMap((name) => this.#definers.get(name) ?? []);
    const outside = found.filter((node) => !read.has(node.file));
    // With others of the name in their files: the key of a function counts them.
    const { graph } = this.#program;
    return new Set(
      outside.flatMap(({ file, definition }) => graph.definedIn(file, definition.name)),
    );
  }

  #planned(
    parsed: ParsedFile,
    read: ReadonlySet<ParsedFile>,
    named: ReadonlySet<FunctionNode>,
  ): PlannedFile[] {
    const { file } = parsed.source;
    if (read.has(parsed)) {
      const headers = this.#files.get(parsed)!.headers.map((header) => header.source.file);
      return [{ kind: 'read', file, ...this.#program.indexOf(file), headers }];
    }
    const functions = this.#program.graph.nodes
      .filter((node) => node.file === parsed && named.has(node))
      .map(({ definition: { name, isStatic, conditions } }) => ({
        name,
        isStatic,
        isConditional: conditions.length > 0,
      }));
    const { language } = parsed;
    return functions.length === 0 ? [] : [{ kind: 'named', file, language, functions }];
  }
}

/** A method `Foo::bar` is called as `bar`, too. */
function callableNames(name: string): readonly string[] {
  const last = name.lastIndexOf('::');
  return last < 0 ? [name] : [name, name.slice(last + 2)];
}
