// What one worker of a check does: it has the whole program in view, or all that its part needs of it, and
// explores the components that it is given.
import type { CallGraph, FunctionNode } from '../flow/call-graph.ts';
import type { FunctionKey } from '../flow/exploration-memory.ts';
import { Explorer, type FunctionReport } from '../flow/explorer.ts';
import { RULES } from '../rules/index.ts';
import { isSelected, type Settings } from '../settings.ts';
import { eventFilter } from './event-filter.ts';

export function explorerOf(
  graph: CallGraph,
  settings: Pick<Settings, 'select' | 'ignore'>,
): Explorer {
  const rules = RULES.filter((rule) => isSelected(rule, settings));
  return new Explorer(graph, { filter: () => eventFilter(rules) });
}

/** Stops before each function. */
export function* exploreComponents(
  graph: CallGraph,
  explorer: Explorer,
  components: readonly number[],
): Generator<FunctionNode, Map<FunctionKey, readonly FunctionReport[]>> {
  const reports = new Map<FunctionKey, readonly FunctionReport[]>();
  for (const index of components) {
    const first = explorer.components[index]![0]!;
    reports.set(graph.keyOf(first), yield* explorer.component(index));
  }
  return reports;
}
