// What one worker of a check does: it has the whole program in view, and explores the components that it is
// given.
import type { FunctionNode } from '../flow/call-graph.ts';
import { Explorer, type FunctionReport } from '../flow/explorer.ts';
import type { Prepared } from '../prepare.ts';
import { RULES } from '../rules/index.ts';
import { isSelected, type Settings } from '../settings.ts';
import { eventFilter } from './event-filter.ts';

export function explorerOf({ graph }: Prepared, settings: Settings): Explorer {
  const rules = RULES.filter((rule) => isSelected(rule, settings));
  return new Explorer(graph, { filter: () => eventFilter(rules) });
}

/** Stops before each function. */
export function* exploreComponents(
  explorer: Explorer,
  components: readonly number[],
): Generator<FunctionNode, Map<number, readonly FunctionReport[]>> {
  const reports = new Map<number, readonly FunctionReport[]>();
  for (const index of components) reports.set(index, yield* explorer.component(index));
  return reports;
}
