// All functions of the program that have to do with memory, callees first: explore, summarize, tell the
// listener what happens.
import type { CallGraph, FunctionNode } from './call-graph.ts';
import type { VariantKey } from './callbacks.ts';
import type { Listener } from './events.ts';
import type { Exploration, ExplorationMemory, FunctionKey } from './exploration-memory.ts';
import { Explorer, type FunctionReport } from './explorer.ts';
import { mentionOf } from './member-mention.ts';
import { runSteps } from '../run-steps.ts';
import { ThreadEntries } from './thread-entries.ts';
import type { Summary } from './summary.ts';
import type { Observer } from './transfer.ts';
import type { SummaryOf } from './type-evidence.ts';

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
  /** Asked when all is explored: members, `.data`, and variables that more should be known of. */
  readonly wanted?: () => ReadonlySet<string>;
  /** Of a program with the same declarations; null: everything is explored. */
  readonly memory?: ExplorationMemory | null;
}

export function analyze(
  graph: CallGraph,
  listen: Listener,
  options: AnalysisOptions = {},
): Analysis {
  return runSteps(analyzeInSteps(graph, listen, options));
}

/** Stops before each function that it explores. */
export function* analyzeInSteps(
  graph: CallGraph,
  listen: Listener,
  { observerOf, wanted, memory }: AnalysisOptions,
): Generator<FunctionNode, Analysis> {
  const explorer = new Explorer(graph, { observerOf, memory });
  const record = new AnalysisRecord(graph, listen);
  for (const index of explorer.components.keys()) {
    for (const report of yield* explorer.component(index)) record.add(report);
  }
  yield* exploreFurther(graph, explorer, record, wanted?.() ?? new Set());
  return record.analysis();
}

/** What is explored when the components are: it depends on what they gave. */
export function* exploreFurther(
  graph: CallGraph,
  explorer: Explorer,
  record: AnalysisRecord,
  names: ReadonlySet<string>,
): Generator<FunctionNode, void> {
  const isMentioned = mentionOf(names);
  for (const node of names.size === 0 ? [] : graph.nodes) {
    if (record.has(graph.keyOf(node)) || !isMentioned(node)) continue;
    yield node;
    record.add(explorer.helper(node));
  }
  // Once more, without a thread state, for what that alone makes wrong.
  for (const [node, detachment] of record.threadEntries()) {
    record.addDetached(yield* explorer.detached(node, detachment));
  }
}

/** What the explorations of functions gave, told once each, in the order in which they are added. */
export class AnalysisRecord {
  readonly #graph: CallGraph;
  readonly #listen: Listener;
  readonly #threadEntries: ThreadEntries;
  readonly #summaries = new Map<FunctionNode, Summary | string>();
  readonly #unanalyzed: Unanalyzed[] = [];
  readonly #explored: ExploredFunction[] = [];
  readonly #variants = new Set<VariantKey>();
  #steps = 0;

  constructor(graph: CallGraph, listen: Listener) {
    this.#graph = graph;
    this.#listen = listen;
    this.#threadEntries = new ThreadEntries(graph);
  }

  has(key: FunctionKey): boolean {
    return this.#summaries.has(this.#graph.nodeOf(key));
  }

  add(report: FunctionReport): void {
    for (const helper of report.helpers) this.add(helper);
    if (this.has(report.key)) return;
    const node = this.#graph.nodeOf(report.key);
    this.#tell(node, report);
    const file = node.file.source.file;
    const { name } = node.definition;
    const { done } = report;
    if (typeof done === 'string') {
      this.#unanalyzed.push({ file, function: name, reason: done });
      this.#summaries.set(node, done);
      return;
    }
    this.#summaries.set(node, done.summary);
    const { steps, isPartial } = done;
    this.#steps += steps;
    this.#explored.push({ file, function: name, steps, isPartial });
  }

  addDetached(exploration: Exploration): void {
    this.#addVariants(exploration);
    for (const event of exploration.events) {
      const isReturned = event.kind === 'release' && event.release.allocator !== undefined;
      if (event.kind === 'detached-call' || isReturned) this.#listen(event);
    }
    if (typeof exploration.done === 'object') this.#steps += exploration.done.steps;
  }

  threadEntries(): ReturnType<ThreadEntries['all']> {
    return this.#threadEntries.all();
  }

  analysis(): Analysis {
    return {
      functions: this.#graph.nodes.length,
      steps: this.#steps,
      summaries: this.#summaries,
      unanalyzed: this.#unanalyzed,
      explored: this.#explored,
    };
  }

  #tell(node: FunctionNode, exploration: Exploration): void {
    this.#addVariants(exploration);
    for (const event of exploration.events) this.#listen(event);
    for (const { entry, detachment } of exploration.threads) {
      this.#threadEntries.add(this.#graph.nodeOf(entry), detachment);
    }
    for (const called of exploration.calledDetached) {
      this.#threadEntries.callsDetached(node, called);
    }
  }

  #addVariants({ variants }: Exploration): void {
    for (const { key, node, result } of variants) {
      if (this.#variants.has(key)) continue;
      this.#variants.add(key);
      this.#tell(this.#graph.nodeOf(node), result);
      if (typeof result.done === 'object') this.#steps += result.done.steps;
    }
  }
}

/** Looks up what functions of a type's file do. */
export function summariesOf(graph: CallGraph, { summaries }: Analysis): SummaryOf {
  return (name, type) => {
    const [node] = graph.definedIn(type.file, name);
    const summary = node === undefined ? undefined : summaries.get(node);
    return typeof summary === 'object' ? summary : null;
  };
}
