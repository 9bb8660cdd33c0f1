// The program as one function sees it while it is explored: what the functions that it needs do, which types
// it names, what pointers hold.
import { apiRow } from '../knowledge/row.ts';
import type { CallGraph, FunctionNode } from './call-graph.ts';
import type { Known } from './exploration-memory.ts';
import type { Program } from './explore-function.ts';
import { keepsArgument, returnsFresh } from './references.ts';
import type { Summary } from './summary.ts';
import { NO_OBSERVER } from './observe-threads.ts';
import type { KnownType } from './type-table.ts';
import type { Value } from './value.ts';

/** What is known of other functions. */
export interface Summaries {
  get(node: FunctionNode): Known;
}

/** What a function does that is handed these values; null: the same as with any others. */
export type WithCallbacks = (node: FunctionNode, given: readonly Value[]) => Summary | null;

export function programView(
  graph: CallGraph,
  node: FunctionNode,
  summaries: Summaries,
  withCallbacks: WithCallbacks = () => null,
): Program {
  const ofSlot = (type: KnownType, slot: string): Summary | null => {
    const known = graph.slotFunction(type, slot);
    const summary = known === null ? undefined : summaries.get(known);
    return typeof summary === 'object' ? summary : null;
  };
  /** Of those that were asked for: calls are executed in many states. */
  const summariesByName = new Map<string, Summary | null>();
  const summaryOfAll = (name: string, resolved: readonly FunctionNode[]): Summary | null => {
    const known = resolved.map((n) => summaries.get(n));
    if (!known.every((s) => typeof s === 'object')) return null;
    return {
      name,
      outcomes: known.flatMap((s) => s.outcomes),
      structs: inAll(known.map((s) => s.structs)),
      dereferences: inAll(known.map((s) => s.dereferences)),
      mayRaise: known.some((s) => s.mayRaise),
      untracking: {
        mayUntrack: known.some((s) => s.untracking.mayUntrack),
        gives: known.every((s) => s.untracking.gives !== null)
          ? (known[0]?.untracking.gives ?? null)
          : null,
      },
      escapesFrom: Math.min(...known.map((s) => s.escapesFrom)),
      fills: known.flatMap((s) => s.fills),
      elementReleases: known.length > 1 ? [] : known.flatMap((s) => s.elementReleases),
    };
  };
  return {
    types: graph.types,
    pointers: graph.pointers,
    functionIn: (name) => graph.pointers.global(name, node.file),
    observe: null,
    threads: NO_OBSERVER,
    summaryOf(name, given) {
      const resolved = graph.resolve(node, name);
      const [only] = resolved;
      if (only === undefined) return null;
      const special =
        given === undefined || resolved.length > 1 ? null : withCallbacks(only, given);
      if (special !== null) return special;
      let known = summariesByName.get(name);
      if (known === undefined) {
        known = summaryOfAll(name, resolved);
        summariesByName.set(name, known);
      }
      return known;
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

/** What is in each of the lists, of which there is one at least. */
function inAll(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.reduce((all, some) => all.filter((i) => some.includes(i)));
}
