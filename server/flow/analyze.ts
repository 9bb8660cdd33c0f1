// All functions of the program that have to do with memory, callees first: explore, summarize, tell the
// listener what happens.
import { apiRow } from '../knowledge/row.ts';
import { CallbackSummaries } from './callbacks.ts';
import type { CallGraph, FunctionNode } from './call-graph.ts';
import type { FlowEvent, Listener } from './events.ts';
import type {
  Exploration,
  ExplorationMemory,
  FunctionKey,
  Known,
  Subject,
} from './exploration-memory.ts';
import { exploreFunction, type Program, type Start } from './explore-function.ts';
import type { Detachment } from './heap-call.ts';
import { settleRecursion } from './recursion.ts';
import { NO_OBSERVER, ThreadEntries } from './thread-entries.ts';
import { handsOverMemory, type Summary, usesHeap } from './summary.ts';
import { keepsArgument, returnsFresh } from './references.ts';
import type { Observer } from './transfer.ts';
import type { SummaryOf } from './type-evidence.ts';
import type { KnownType } from './type-table.ts';

export interface Unanalyzed {
  readonly file: string;
  readonly function: string;
  readonly reason: string;
}

export interface ExploredFunction {
  readonly file: string;
  readonly function: string;
  /** Basic blocks executed. */
  readonly steps: number;
  /** Not every path was followed: a bound was hit. */
  readonly isPartial: boolean;
}

export interface Analysis {
  readonly functions: number;
  readonly steps: number;
  /** A text: why there is none. */
  readonly summaries: ReadonlyMap<FunctionNode, Summary | string>;
  readonly unanalyzed: readonly Unanalyzed[];
  /** What was explored, in that order. */
  readonly explored: readonly ExploredFunction[];
}

export interface AnalysisOptions {
  /** Who looks at the states of a function. */
  readonly observerOf?: (node: FunctionNode) => Observer | null;
  /** Asked when all is explored: names of members and variables that more should be known of. */
  readonly wanted?: () => ReadonlySet<string>;
  /** Of a program with the same declarations; null: everything is explored. */
  readonly memory?: ExplorationMemory | null;
}

export function analyze(
  graph: CallGraph,
  listen: Listener,
  options: AnalysisOptions = {},
): Analysis {
  const steps = analyzeInSteps(graph, listen, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Stops before each function that it explores. */
export function* analyzeInSteps(
  graph: CallGraph,
  listen: Listener,
  { observerOf = () => null, wanted = () => new Set(), memory = null }: AnalysisOptions,
): Generator<FunctionNode, Analysis> {
  const unanalyzed: Unanalyzed[] = [];
  const summaries = new Map<FunctionNode, Summary | string>();
  const explored: ExploredFunction[] = [];
  const mayStartDetached = graph.reachableDetached();
  const threadEntries = new ThreadEntries(graph);
  const small = new SmallSummaries(graph, memory);
  let steps = 0;
  const programAt = (node: FunctionNode, known: Summaries): Program => ({
    ...programOf(graph, node, known, callbacks),
    threads: threadEntries.observer(node),
  });
  const callbacks = new CallbackSummaries((node, given) => {
    const start = { mayStartDetached: false, detached: null, callbacks: given };
    const done = exploreFunction(node, programAt(node, summaries), start, listen);
    if (typeof done === 'object') steps += done.steps;
    return typeof done === 'object' && typeof done.summary === 'object' ? done.summary : null;
  });
  const exploreOne = (node: FunctionNode, known: Summaries, isRepeatable: boolean): void => {
    const start = { mayStartDetached: mayStartDetached.has(node), detached: null };
    const knowledge = known === small ? 'small functions' : 'all';
    const observe = observerOf(node);
    const { done, events, threads, calledDetached } = recallOr(
      isRepeatable ? memory : null,
      { node, key: graph.keyOf(node), knowledge, ...start },
      (key) => known.get(graph.nodeOf(key)),
      (asRead, tell) => exploredWith(graph, { node, asRead, tell, start, callbacks, observe }),
    );
    for (const event of events) listen(event);
    for (const { entry, detachment } of threads) {
      threadEntries.add(graph.nodeOf(entry), detachment);
    }
    for (const called of calledDetached) threadEntries.callsDetached(node, called);
    const file = node.file.source.file;
    const { name } = node.definition;
    if (typeof done === 'string') {
      unanalyzed.push({ file, function: name, reason: done });
      summaries.set(node, done);
      return;
    }
    summaries.set(node, done.summary);
    steps += done.steps;
    explored.push({ file, function: name, steps: done.steps, isPartial: done.isPartial });
  };
  const givesMemory = (caller: FunctionNode, callee: FunctionNode): boolean => {
    const summary = summaries.get(callee);
    if (typeof summary !== 'object') return false;
    // Who never runs detached may use the Python memory manager.
    return handsOverMemory(summary) || (mayStartDetached.has(caller) && usesHeap(summary));
  };
  for (const cycle of graph.relevantInOrder()) {
    const isRelevant = cycle.some(
      (node) =>
        graph.handlesMemory(node) ||
        graph.calleesOf(node).some((callee) => givesMemory(node, callee)),
    );
    if (!isRelevant) continue;
    const isRecursive = graph.isRecursive(cycle);
    const isSettled =
      isRecursive &&
      !cycle.some((node) => summaries.has(node)) &&
      settleRecursion(cycle, summaries, (node) => {
        const start = { mayStartDetached: mayStartDetached.has(node), detached: null };
        const done = exploreFunction(node, programAt(node, summaries), start, () => {});
        return typeof done === 'string' ? done : done.summary;
      });
    for (const node of cycle) {
      // What is known of a helper is the same whoever asks first.
      for (const helper of graph.neededBy(node)) {
        if (summaries.has(helper) || cycle.includes(helper)) continue;
        if (helper.definition.text.length > MAX_HELPER) continue;
        yield helper;
        exploreOne(helper, small, true);
      }
      if (!isSettled && summaries.has(node)) continue;
      yield node;
      exploreOne(node, summaries, !isRecursive);
    }
  }
  const names = wanted();
  for (const node of names.size === 0 ? [] : graph.nodes) {
    if (summaries.has(node) || !mentionsAny(node, names)) continue;
    yield node;
    exploreOne(node, small, true);
  }
  // Once more, without a thread state, for what that alone makes wrong.
  for (const [node, detached] of threadEntries.all()) {
    const start = { detached, mayStartDetached: false };
    const done = exploreFunction(node, programAt(node, summaries), start, (event) => {
      if (event.kind === 'detached-call') listen(event);
    });
    if (typeof done === 'object') steps += done.steps;
  }
  return { functions: graph.nodes.length, steps, summaries, unanalyzed, explored };
}

/** Looks up what functions of a type's file do. */
export function summariesOf(graph: CallGraph, { summaries }: Analysis): SummaryOf {
  return (name, type) => {
    const node = graph.nodes.find((n) => n.file === type.file && n.definition.name === name);
    const summary = node === undefined ? undefined : summaries.get(node);
    return typeof summary === 'object' ? summary : null;
  };
}

interface Summaries {
  get(node: FunctionNode): Known;
}

/** In UTF-16 units: a longer function that handles no memory may do anything to what it is given. */
const MAX_HELPER = 1_600;

/** In UTF-16 units: what a function of this length does is worth knowing to any function that calls it. */
const SMALL = 600;

/** Summaries of small functions, each explored without knowledge of others. */
class SmallSummaries {
  readonly #graph: CallGraph;
  readonly #memory: ExplorationMemory | null;
  readonly #known = new Map<FunctionNode, Summary | string>();

  constructor(graph: CallGraph, memory: ExplorationMemory | null) {
    this.#graph = graph;
    this.#memory = memory;
  }

  get(node: FunctionNode): Known {
    if (node.definition.text.length > SMALL) return undefined;
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const graph = this.#graph;
    const start = { mayStartDetached: false, detached: null };
    const { done } = recallOr(
      this.#memory,
      { node, key: graph.keyOf(node), knowledge: 'nothing', ...start },
      () => undefined,
      (asRead, tell) =>
        exploredWith(graph, { node, asRead, tell, start, callbacks: null, observe: null }),
    );
    const summary = typeof done === 'string' ? done : done.summary;
    this.#known.set(node, summary);
    return summary;
  }
}

/** Without a memory everything is explored. */
function recallOr(
  memory: ExplorationMemory | null,
  subject: Subject,
  tell: (key: FunctionKey) => Known,
  explore: (node: FunctionNode, tell: (key: FunctionKey) => Known) => Exploration,
): Exploration {
  return memory === null ? explore(subject.node, tell) : memory.recall(subject, tell, explore);
}

interface ExplorationRequest {
  readonly node: FunctionNode;
  /** The same, as the memory wants it read. */
  readonly asRead: FunctionNode;
  /** Gives what another function does. */
  readonly tell: (key: FunctionKey) => Known;
  readonly start: Start;
  readonly callbacks: CallbackSummaries | null;
  readonly observe: Observer | null;
}

function exploredWith(
  graph: CallGraph,
  { node, asRead, tell, start, callbacks, observe }: ExplorationRequest,
): Exploration {
  const events: FlowEvent[] = [];
  const threads: { entry: FunctionKey; detachment: Detachment }[] = [];
  const calledDetached: string[] = [];
  const told: Summaries = { get: (other) => tell(graph.keyOf(other)) };
  const plain = programOf(graph, node, told, callbacks);
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
      callsDetached: (name) => calledDetached.push(name),
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
  const done = exploreFunction(asRead, program, start, (event) => events.push(event));
  return { done, events, threads, calledDetached, isRepeatable };
}

function mentionsAny({ definition }: FunctionNode, names: ReadonlySet<string>): boolean {
  return definition.text.match(/[A-Za-z_]\w*/g)?.some((name) => names.has(name)) === true;
}

function programOf(
  graph: CallGraph,
  node: FunctionNode,
  summaries: Summaries,
  callbacks: CallbackSummaries | null = null,
): Program {
  const ofSlot = (type: KnownType, slot: string): Summary | null => {
    const known = graph.slotFunction(type, slot);
    const summary = known === null ? undefined : summaries.get(known);
    return typeof summary === 'object' ? summary : null;
  };
  return {
    types: graph.types,
    pointers: graph.pointers,
    functionIn: (name) => graph.pointers.global(name, node.file),
    observe: null,
    threads: NO_OBSERVER,
    summaryOf(name, given) {
      const [only, ...others] = graph.resolve(node, name);
      if (only === undefined) return null;
      const special =
        given === undefined || others.length > 0 ? null : (callbacks?.with(only, given) ?? null);
      if (special !== null) return special;
      const known = [only, ...others].map((n) => summaries.get(n));
      const outcomes = known.flatMap((s) => (typeof s === 'object' ? s.outcomes : []));
      const isKnown = known.length > 0 && known.every((s) => typeof s === 'object');
      if (!isKnown) return null;
      const dereferences = known
        .map((s) => (typeof s === 'object' ? s.dereferences : []))
        .reduce((all, some) => all.filter((i) => some.includes(i)));
      const mayRaise = known.some((s) => typeof s !== 'object' || s.mayRaise);
      return { name, outcomes, dereferences, mayRaise };
    },
    isDefined: (name) => graph.resolve(node, name).length > 0,
    mayChangeThread: (name) => graph.resolve(node, name).some((n) => graph.changesThread(n)),
    deallocOf: (type) => ofSlot(type, 'tp_dealloc'),
    makesFresh(type) {
      const make = graph.types.slot(type, 'tp_new');
      const setUp = graph.types.slot(type, 'tp_init');
      if (make?.kind !== 'function' || setUp === null) return false;
      const made = ofSlot(type, 'tp_new');
      const isFresh =
        made === null ? apiRow(make.name)?.role === 'object-alloc' : returnsFresh(made);
      if (!isFresh || setUp.kind === 'null') return isFresh;
      const init = ofSlot(type, 'tp_init');
      return init !== null && keepsArgument(init, 0);
    },
  };
}
