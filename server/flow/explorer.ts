// Explores functions of the program, each with what it needs before it. What comes of a function depends on
// the program alone, never on what else was explored: so parts of the program can be explored apart from
// each other, and give together what one exploration of all gives.
import type { CallGraph, FunctionNode } from './call-graph.ts';
import { type Callbacks, callbacksIn, type Variant, VariantBudget, Variants } from './callbacks.ts';
import type { FlowEvent } from './events.ts';
import type {
  Exploration,
  ExplorationMemory,
  FunctionKey,
  Known,
  Knowledge,
} from './exploration-memory.ts';
import { type Explored, exploreFunction, type Program, type Start } from './explore-function.ts';
import type { Detachment } from './heap-call.ts';
import type { CallWhileDetached } from './observe-threads.ts';
import { programView, type Summaries, type WithCallbacks } from './program-view.ts';
import { settleRecursion } from './recursion.ts';
import { withoutRepeatedWrites } from './slot-evidence.ts';
import { handsOverMemory, type Summary, usesHeap } from './summary.ts';
import type { Observer } from './transfer.ts';

/** What the exploration of a function gave. */
export interface FunctionReport extends Exploration {
  readonly key: FunctionKey;
  /** Explored because the function asks for them, in this order. */
  readonly helpers: readonly FunctionReport[];
}

export interface ExplorerOptions {
  /** Who looks at the states of a function. */
  readonly observerOf?: (node: FunctionNode) => Observer | null;
  /** Of a program with the same declarations; null: everything is explored. */
  readonly memory?: ExplorationMemory | null;
  /** For each function: which of its events, in their order, are worth keeping. */
  readonly filter?: () => (event: FlowEvent) => boolean;
}

/** In UTF-16 units: a longer function that handles no memory may do anything to what it is given. */
const MAX_HELPER = 1_600;

/** In UTF-16 units: what a function of this length does is worth knowing to any function that calls it. */
const SMALL = 600;

const EVERYTHING = (): boolean => true;

export class Explorer {
  readonly #graph: CallGraph;
  readonly #memory: ExplorationMemory | null;
  readonly #observerOf: (node: FunctionNode) => Observer | null;
  readonly #filter: () => (event: FlowEvent) => boolean;
  /** Functions that handle memory and whoever calls them, in cycles of calls; callees first. */
  readonly components: readonly (readonly FunctionNode[])[];
  readonly #componentOf = new Map<FunctionNode, number>();
  readonly #explored = new Set<number>();
  readonly #summaries = new Map<FunctionNode, Summary | string>();
  readonly #helpers = new Map<FunctionNode, FunctionReport>();
  readonly #small = new Map<FunctionNode, Summary | string>();
  readonly #variants = new Variants<Exploration>();
  readonly #mayStartDetached: ReadonlySet<FunctionNode>;

  constructor(graph: CallGraph, options: ExplorerOptions = {}) {
    this.#graph = graph;
    this.#memory = options.memory ?? null;
    this.#observerOf = options.observerOf ?? (() => null);
    this.#filter = options.filter ?? (() => EVERYTHING);
    this.#mayStartDetached = graph.reachableDetached();
    this.components = graph.relevantInOrder();
    for (const [index, cycle] of this.components.entries()) {
      for (const node of cycle) this.#componentOf.set(node, index);
    }
  }

  /** What the function does, as far as it was explored here. */
  summaryOf(node: FunctionNode): Known {
    const helper = this.#helpers.get(node);
    return this.#summaries.get(node) ?? (helper === undefined ? undefined : summaryIn(helper.done));
  }

  /** Explores a component, and before it what it needs; stops before each function. Empty: it is not worth it. */
  *component(index: number): Generator<FunctionNode, readonly FunctionReport[]> {
    for (const needed of this.#needed(this.components[index]!))
      yield* this.#exploreComponent(needed);
    return yield* this.#exploreComponent(index);
  }

  /** Explores a function by itself, with nothing known but small functions. */
  helper(node: FunctionNode): FunctionReport {
    const known = this.#helpers.get(node);
    if (known !== undefined) return known;
    const report = this.#report(node, 'small functions', this.#memory, []);
    this.#helpers.set(node, report);
    return report;
  }

  /** Explores a function as if it were started without a thread state. */
  *detached(node: FunctionNode, detached: Detachment): Generator<FunctionNode, Exploration> {
    for (const needed of this.#needed([node])) yield* this.#exploreComponent(needed);
    for (const helper of this.#helpersOf(node, [node])) this.helper(helper);
    const start = { mayStartDetached: false, detached };
    return this.#explorationOf({ start, asker: this.#asker(node, 'all') });
  }

  /** Components that are not explored yet, which the functions need directly or not; in their order. */
  #needed(nodes: readonly FunctionNode[]): number[] {
    const own = new Set(nodes.map((node) => this.#componentOf.get(node)));
    const found = new Set<number>();
    const pending = [...nodes];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (const needed of this.#graph.neededBy(node)) {
        const index = this.#componentOf.get(needed);
        if (index === undefined || own.has(index) || found.has(index)) continue;
        if (this.#explored.has(index)) continue;
        found.add(index);
        pending.push(...this.components[index]!);
      }
    }
    return [...found].toSorted((a, b) => a - b);
  }

  *#exploreComponent(index: number): Generator<FunctionNode, readonly FunctionReport[]> {
    const cycle = this.components[index]!;
    this.#explored.add(index);
    const isWorthIt = cycle.some(
      (node) =>
        this.#graph.handlesMemory(node) ||
        this.#graph.calleesOf(node).some((callee) => this.#givesMemory(node, callee)),
    );
    if (!isWorthIt) return [];
    const helpers = new Map<FunctionNode, FunctionReport[]>();
    for (const node of cycle) {
      const own: FunctionReport[] = [];
      for (const helper of this.#helpersOf(node, cycle)) {
        yield helper;
        own.push(this.helper(helper));
      }
      helpers.set(node, own);
    }
    const isRecursive = this.#graph.isRecursive(cycle);
    const settled = isRecursive ? this.#settle(cycle) : null;
    const reports: FunctionReport[] = [];
    for (const node of cycle) {
      yield node;
      const own = helpers.get(node) ?? [];
      const done = settled?.get(node);
      const report =
        done === undefined
          ? this.#report(node, 'all', isRecursive ? null : this.#memory, own)
          : { ...done, key: this.#graph.keyOf(node), helpers: own };
      this.#summaries.set(node, summaryIn(report.done));
      reports.push(report);
    }
    return reports;
  }

  /** What the last round of a cycle gave; null: it did not settle, or somebody wants to look. */
  #settle(cycle: readonly FunctionNode[]): ReadonlyMap<FunctionNode, Exploration> | null {
    const last = new Map<FunctionNode, Exploration>();
    const isSettled = settleRecursion(cycle, this.#summaries, (node) => {
      const asker = this.#asker(node, 'all');
      const exploration = this.#explorationOf({ start: this.#startOf(node), asker });
      last.set(node, exploration);
      return summaryIn(exploration.done);
    });
    const isObserved = cycle.some((node) => this.#observerOf(node) !== null);
    return isSettled && !isObserved ? last : null;
  }

  #givesMemory(caller: FunctionNode, callee: FunctionNode): boolean {
    const summary = this.#summaries.get(callee);
    if (typeof summary !== 'object') return false;
    // Who never runs detached may use the Python memory manager.
    return handsOverMemory(summary) || (this.#mayStartDetached.has(caller) && usesHeap(summary));
  }

  /** What a function needs that no component explores. */
  #helpersOf(node: FunctionNode, cycle: readonly FunctionNode[]): FunctionNode[] {
    return this.#graph
      .neededBy(node)
      .filter((needed) => !cycle.includes(needed) && !this.#summaries.has(needed))
      .filter((helper) => helper.definition.text.length <= MAX_HELPER);
  }

  #startOf(node: FunctionNode): Start {
    return { mayStartDetached: this.#mayStartDetached.has(node), detached: null };
  }

  #report(
    node: FunctionNode,
    knowledge: Knowledge,
    memory: ExplorationMemory | null,
    helpers: readonly FunctionReport[],
  ): FunctionReport {
    const key = this.#graph.keyOf(node);
    const start = this.#startOf(node);
    const asker = this.#asker(node, knowledge);
    const observe = this.#observerOf(node);
    const exploration =
      memory === null
        ? this.#explorationOf({ start, asker, observe })
        : memory.recall(
            { node, key, knowledge, mayStartDetached: start.mayStartDetached },
            (other) => asker.told.get(this.#graph.nodeOf(other)),
            (asRead, tell) => {
              const told: Summaries = { get: (other) => tell(this.#graph.keyOf(other)) };
              return this.#explorationOf({ asRead, start, asker: { ...asker, told }, observe });
            },
          );
    const { done, events, variants, threads, calledDetached, isRepeatable } = exploration;
    return { key, helpers, done, events, variants, threads, calledDetached, isRepeatable };
  }

  /** Sees nothing but what it needs: the rest may have been explored by then, or not. */
  #asker(node: FunctionNode, knowledge: Knowledge): Asker {
    if (knowledge !== 'all') {
      const isTold = knowledge === 'small functions';
      const needs = (other: FunctionNode): boolean =>
        isTold && this.#graph.neededBy(node).includes(other);
      const get = (other: FunctionNode): Known =>
        needs(other) ? this.#smallSummary(other) : undefined;
      return { node, knowledge, told: { get }, needs };
    }
    const index = this.#componentOf.get(node);
    const cycle = index === undefined ? [] : this.components[index]!;
    const needed = new Set([...cycle, ...this.#graph.neededBy(node)]);
    const get = (other: FunctionNode): Known => {
      if (!needed.has(other)) return undefined;
      const known = this.#summaries.get(other);
      if (known !== undefined || cycle.includes(other)) return known;
      if (other.definition.text.length > MAX_HELPER) return undefined;
      return summaryIn(this.helper(other).done);
    };
    return { node, knowledge, told: { get }, needs: (other) => needed.has(other) };
  }

  /** Of a small function, explored without knowledge of others. */
  #smallSummary(node: FunctionNode): Known {
    if (node.definition.text.length > SMALL) return undefined;
    let known = this.#small.get(node);
    if (known === undefined) {
      known = summaryIn(this.#report(node, 'nothing', this.#memory, []).done);
      this.#small.set(node, known);
    }
    return known;
  }

  #explorationOf({ asker, asRead = asker.node, start, observe = null }: Request): Exploration {
    const { node } = asker;
    const graph = this.#graph;
    const events: FlowEvent[] = [];
    const variants: Variant<Exploration>[] = [];
    const threads: { entry: FunctionKey; detachment: Detachment }[] = [];
    const calledDetached: CallWhileDetached[] = [];
    const plain = programView(graph, node, asker.told, this.#withCallbacks(asker, variants));
    let isRepeatable = true;
    const program: Program = {
      ...plain,
      observe,
      threads: {
        starts(name, detachment) {
          for (const entry of graph.resolve(node, name)) {
            threads.push({ entry: graph.keyOf(entry), detachment });
          }
        },
        callsDetached: (call) => calledDetached.push(call),
      },
      mayChangeThread(name) {
        // Not asked of what the function is told of the others.
        isRepeatable = false;
        return plain.mayChangeThread(name);
      },
      summaryOf(name, given) {
        // What comes of a callback depends on more than the function asks for.
        if (given?.some(({ kind }) => kind === 'function') === true) isRepeatable = false;
        return plain.summaryOf(name, given);
      },
    };
    const isNew = withoutRepeatedWrites();
    const isKept = this.#filter();
    const done = exploreFunction(asRead, program, start, (event) => {
      if (isNew(event) && isKept(event)) events.push(event);
    });
    return { done, events, variants, threads, calledDetached, isRepeatable };
  }

  /** Explores what the function hands callbacks to; each time that is new goes to `asked`. */
  #withCallbacks(asker: Asker, asked: Variant<Exploration>[]): WithCallbacks {
    const budget = new VariantBudget();
    return (callee, given) => {
      const callbacks = callbacksIn(callee, given);
      if (callbacks === null || !asker.needs(callee)) return null;
      const variant = this.#variant(asker, callee, callbacks, budget);
      if (variant === null) return null;
      if (!asked.includes(variant)) asked.push(variant);
      const summary = summaryIn(variant.result.done);
      return typeof summary === 'object' ? summary : null;
    };
  }

  #variant(
    by: Asker,
    node: FunctionNode,
    callbacks: Callbacks,
    budget: VariantBudget,
  ): Variant<Exploration> | null {
    const graph = this.#graph;
    const key = graph.keyOf(node);
    // What the caller knows of the functions that it hands over, the callee knows as well.
    const handed = new Map(
      [...callbacks.values()]
        .flatMap((name) => graph.resolve(node, name))
        .map((each) => [each, by.told.get(each)] as const)
        .filter(([, known]) => known !== undefined),
    );
    const handedKeys = [...handed.keys()].map((each) => graph.keyOf(each));
    const variant = `${key}(${[...callbacks].join()}) ${by.knowledge}: ${handedKeys.join()}`;
    if (!budget.allows(key, variant)) return null;
    const own = this.#asker(node, by.knowledge);
    const told: Summaries = { get: (other) => handed.get(other) ?? own.told.get(other) };
    const start: Start = { mayStartDetached: false, detached: null, callbacks };
    return this.#variants.of(variant, key, () =>
      this.#explorationOf({ asker: { ...own, told }, start }),
    );
  }
}

/** A function under exploration, with what it is told of others. */
interface Asker {
  readonly node: FunctionNode;
  readonly knowledge: Knowledge;
  readonly told: Summaries;
  /** Whether what that function needs is explored by now. */
  readonly needs: (other: FunctionNode) => boolean;
}

interface Request {
  readonly asker: Asker;
  /** The function, as the memory wants it read. */
  readonly asRead?: FunctionNode;
  readonly start: Start;
  readonly observe?: Observer | null;
}

function summaryIn(done: Explored | string): Summary | string {
  return typeof done === 'string' ? done : done.summary;
}
