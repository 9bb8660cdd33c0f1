// All functions of the program, callees first: explore, summarize, tell the listener what happens.
import { apiRow } from '../knowledge/row.ts';
import { parseCondition } from '../preprocess/condition.ts';
import { CallApplier } from './call.ts';
import type { CallGraph, FunctionNode } from './call-graph.ts';
import { assumeCompiled } from './condition.ts';
import { dereferencedParameters } from './dereferenced-parameters.ts';
import type { Listener } from './events.ts';
import {
  errorReturnOf,
  functionMayRaise,
  reportSilentFailures,
  rowMayRaise,
} from './exceptions.ts';
import { entryState, explore } from './explore.ts';
import { Frame } from './frame.ts';
import { bodiesOf, type FunctionBody } from './function-body.ts';
import type { Detachment } from './heap-call.ts';
import { summarize } from './summarize.ts';
import type { Summary } from './summary.ts';
import { DETACHED_AT_ENTRY } from './thread-state.ts';
import { extend } from './trace.ts';
import { cellOf, type Observer, type TransferContext } from './transfer.ts';
import type { SummaryOf } from './type-evidence.ts';
import { type KnownType, typeSlot, type TypeTable } from './type-table.ts';
import { lower } from './unit.ts';

export interface Unanalyzed {
  readonly file: string;
  readonly function: string;
  readonly reason: string;
}

export interface Analysis {
  readonly functions: number;
  readonly steps: number;
  /** A text: why there is none. */
  readonly summaries: ReadonlyMap<FunctionNode, Summary | string>;
  readonly unanalyzed: readonly Unanalyzed[];
  /** Functions of which not every path was followed. */
  readonly partial: readonly string[];
}

interface Explored {
  readonly summary: Summary | string;
  readonly steps: number;
  readonly isPartial: boolean;
}

type Program = Pick<
  TransferContext,
  'summaryOf' | 'isDefined' | 'deallocOf' | 'startsThread' | 'observe'
> & {
  readonly types: TypeTable;
};

/** `observerOf` gives who looks at the states of a function. */
export function analyze(
  graph: CallGraph,
  listen: Listener,
  observerOf: (node: FunctionNode) => Observer | null = () => null,
): Analysis {
  const unanalyzed: Unanalyzed[] = [];
  const summaries = new Map<FunctionNode, Summary | string>();
  const partial: string[] = [];
  const mayStartDetached = graph.reachableDetached();
  const threadEntries = new Map<FunctionNode, Detachment>();
  let steps = 0;
  const programAt = (node: FunctionNode): Program => {
    const summaryOf = (name: string): Summary | null => {
      const known = graph.resolve(node, name).map((n) => summaries.get(n));
      const outcomes = known.flatMap((s) => (typeof s === 'object' ? s.outcomes : []));
      const isKnown = known.length > 0 && known.every((s) => typeof s === 'object');
      if (!isKnown) return null;
      const dereferences = known
        .map((s) => (typeof s === 'object' ? s.dereferences : []))
        .reduce((all, some) => all.filter((i) => some.includes(i)));
      const mayRaise = known.some((s) => typeof s !== 'object' || s.mayRaise);
      return { name, outcomes, dereferences, mayRaise };
    };
    const isDefined = (name: string): boolean => graph.resolve(node, name).length > 0;
    const deallocOf = (type: KnownType): Summary | null => {
      const known = graph.deallocOf(type);
      const summary = known === null ? undefined : summaries.get(known);
      return typeof summary === 'object' ? summary : null;
    };
    const startsThread = (name: string, start: Detachment): void => {
      for (const entry of graph.resolve(node, name)) {
        if (!threadEntries.has(entry)) threadEntries.set(entry, start);
      }
    };
    const { types } = graph;
    const observe = observerOf(node);
    return { summaryOf, isDefined, deallocOf, startsThread, types, observe };
  };
  for (const node of graph.relevantInOrder()) {
    const start = { mayStartDetached: mayStartDetached.has(node), detached: null };
    const done = exploreFunction(node, programAt(node), start, listen);
    const file = node.file.source.file;
    const { name } = node.definition;
    if (typeof done === 'string') {
      unanalyzed.push({ file, function: name, reason: done });
      summaries.set(node, done);
      continue;
    }
    summaries.set(node, done.summary);
    steps += done.steps;
    if (done.isPartial) partial.push(`${file}: ${name}`);
  }
  // Once more, from a thread of their own, for what that alone makes wrong.
  for (const [node, detached] of threadEntries) {
    const done = exploreFunction(
      node,
      { ...programAt(node), observe: null },
      { detached, mayStartDetached: false },
      (event) => {
        if (event.kind === 'detached-call') listen(event);
      },
    );
    if (typeof done === 'object') steps += done.steps;
  }
  return { functions: graph.nodes.length, steps, summaries, unanalyzed, partial };
}

/** Looks up what functions of a type's file do. */
export function summariesOf(graph: CallGraph, { summaries }: Analysis): SummaryOf {
  return (name, type) => {
    const node = graph.nodes.find((n) => n.file === type.file && n.definition.name === name);
    const summary = node === undefined ? undefined : summaries.get(node);
    return typeof summary === 'object' ? summary : null;
  };
}

interface Start {
  readonly mayStartDetached: boolean;
  /** What starts the function with a detached thread state; null: it runs as its caller does. */
  readonly detached: Detachment | null;
}

/** A text: why the function is not analyzed. */
function exploreFunction(
  node: FunctionNode,
  program: Program,
  start: Start,
  listen: Listener,
): Explored | string {
  const bodies = bodiesOf(node.definition, node.unit.parser);
  if (bodies.length === 0) return 'it does not parse by itself';
  const explored = bodies.map((body) => exploreBody(node, body, { program, start, listen }));
  const [first, ...others] = explored;
  return others.reduce(together, first!);
}

/** Two alternatives of one function: which of them is compiled is not known. */
function together(a: Explored | string, b: Explored | string): Explored | string {
  if (typeof a === 'string') return a;
  if (typeof b === 'string') return b;
  const summary = typeof a.summary === 'string' ? a.summary : b.summary;
  const isPartial = a.isPartial || b.isPartial;
  const steps = a.steps + b.steps;
  if (typeof a.summary === 'string' || typeof b.summary === 'string') {
    return { summary, steps, isPartial };
  }
  const outcomes = [...a.summary.outcomes, ...b.summary.outcomes];
  return { summary: { ...a.summary, outcomes }, steps, isPartial };
}

function exploreBody(
  { file, unit, definition }: FunctionNode,
  body: FunctionBody,
  { program, start, listen }: { program: Program; start: Start; listen: Listener },
): Explored | string {
  const cfg = lower(unit, definition.name, body);
  if (typeof cfg === 'string') return cfg;
  const type = program.types.destroyedBy(definition.name, file);
  const frame = new Frame(cfg, {
    isDestructor: type !== null || definition.name.includes('~'),
    mayStartDetached: start.mayStartDetached,
    made: program.types.madeBy(definition.name, file),
    named: (name) => program.types.named(name, file),
  });
  const calls = new CallApplier(frame, listen, (state, place) => cellOf(frame, state, place));
  const context: TransferContext = { calls, listen, ...program };
  const entry = entryState(frame, (index) =>
    index === 0 && type !== null ? typeSlot(type) : null,
  );
  for (const condition of definition.conditions) {
    assumeCompiled(frame, entry, parseCondition(condition.text), condition.holds);
  }
  if (start.detached !== null) {
    entry.thread = DETACHED_AT_ENTRY;
    entry.trace = extend(null, { kind: 'thread-state', attached: false, ...start.detached });
  }
  const { exits, steps, isPartial } = explore(frame, entry, context);
  const dereferences = dereferencedParameters(cfg, (name) => {
    const known = context.summaryOf(name);
    return known?.dereferences ?? (context.isDefined(name) ? [] : (apiRow(name)?.nonNull ?? []));
  });
  const mayRaise = functionMayRaise(cfg, (name) => {
    const known = context.summaryOf(name);
    if (known !== null) return known.mayRaise;
    const row = context.isDefined(name) ? undefined : apiRow(name);
    return row === undefined || rowMayRaise(row);
  });
  const expected = errorReturnOf(definition, file);
  if (expected !== null) reportSilentFailures(exits, expected, listen);
  const summary = isPartial
    ? 'not every path was followed'
    : (summarize(frame, exits, { dereferences, mayRaise }) ?? 'it has too many outcomes');
  return { summary, steps, isPartial };
}
