// Summaries of functions that call each other: at first none of them comes back; they are explored again
// until nothing changes. What does not settle in a few rounds stays unknown.
import type { FunctionNode } from './call-graph.ts';
import type { Summary } from './summary.ts';
import { UNTRACKS_NOTHING } from './untracking.ts';

const MAX_ROUNDS = 4;
const MAX_FUNCTIONS = 4;
/** In UTF-16 units, all functions together. */
const MAX_TEXT = 12_000;

type Known = string | Summary;

/** Whether the summaries settled; if not, none of the cycle is in `summaries`. */
export function settleRecursion(
  cycle: readonly FunctionNode[],
  summaries: Map<FunctionNode, Known>,
  summarize: (node: FunctionNode) => Known,
): boolean {
  const length = cycle.reduce((sum, { definition }) => sum + definition.text.length, 0);
  if (cycle.length > MAX_FUNCTIONS || length > MAX_TEXT) return false;
  for (const node of cycle) {
    const { name } = node.definition;
    summaries.set(node, {
      name,
      outcomes: [],
      structs: [],
      dereferences: [],
      mayRaise: false,
      untracking: UNTRACKS_NOTHING,
      escapesFrom: Infinity,
      fills: [],
      elementReleases: [],
    });
  }
  const keys = new Map(cycle.map((node) => [node, keyOf(summaries.get(node)!)]));
  /** What each function was told of the others when it was explored last. */
  const told = new Map<FunctionNode, string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let isStable = true;
    for (const node of cycle) {
      const known = [...keys.values()].join('\n');
      if (told.get(node) === known) continue;
      told.set(node, known);
      const next = summarize(node);
      const key = keyOf(next);
      if (key === keys.get(node)) continue;
      isStable = false;
      keys.set(node, key);
      summaries.set(node, next);
    }
    if (isStable) return true;
  }
  for (const node of cycle) summaries.delete(node);
  return false;
}

/** Equal for summaries that say the same. */
function keyOf(summary: Known): string {
  return JSON.stringify(summary, (key, value: unknown) => {
    if (value instanceof Map) return Array.from(value);
    if (typeof value === 'number') return String(value);
    // Where a block comes from matters less than what becomes of it.
    return key === 'row' || key === 'allocation' || key === 'release' ? nameIn(value) : value;
  });
}

function nameIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('api' in value) return value.api;
  return 'name' in value ? value.name : '';
}
