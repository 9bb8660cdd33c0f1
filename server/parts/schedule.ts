// Who explores which components of a program. A component needs those that it calls: whoever is given one
// explores these as well. So a worker gets, file by file, what needs the least of what others have done.
import type { CallGraph, FunctionNode } from '../flow/call-graph.ts';
import { groupBy } from '../group-by.ts';

/** Shares of the work that each thread gets one after the other: more, and smaller, for an even end. */
export const SHARES = 24;

interface Group {
  readonly own: readonly number[];
  /** `own`, and what these need. */
  readonly all: readonly number[];
}

export class Schedule {
  /** Components of one file. */
  readonly #groups: Set<Group>;
  /** By component: how much there is to explore, as the length of its text tells. */
  readonly #weights: readonly number[];
  readonly #given = new Set<number>();
  /** By worker: what it has been given, or explores for that. */
  readonly #known = new Map<number, Set<number>>();
  readonly #share: number;

  constructor(
    components: readonly (readonly FunctionNode[])[],
    graph: CallGraph,
    workers: number,
    /** What is to be explored; the rest is done. */
    wanted: readonly number[],
  ) {
    this.#weights = components.map((cycle) =>
      cycle.reduce((sum, { definition }) => sum + definition.text.length, 0),
    );
    this.#groups = new Set(groupsOf(components, graph, wanted));
    const isWanted = new Set(wanted);
    for (const index of components.keys()) if (!isWanted.has(index)) this.#given.add(index);
    this.#share = this.#weigh(wanted) / (workers * SHARES);
  }

  /**
   * The next components for a worker, ascending; each is given once. Empty: there are none left, or others are sooner
   * done with them, knowing already what they need.
   */
  next(worker: number): readonly number[] {
    const known = this.#known.get(worker) ?? new Set<number>();
    this.#known.set(worker, known);
    const given: number[] = [];
    while (this.#groups.size > 0 && this.#weigh(given) <= this.#share) {
      const group = this.#best(known);
      if (this.#isLeftToOthers(worker, group)) break;
      this.#groups.delete(group);
      for (const component of group.all) {
        known.add(component);
        if (this.#given.has(component)) continue;
        this.#given.add(component);
        given.push(component);
      }
    }
    return given.toSorted((a, b) => a - b);
  }

  /** The group of which the greatest part is new to everybody; of several, the largest. */
  #best(known: ReadonlySet<number>): Group {
    let best: { group: Group; part: number; fresh: number } | null = null;
    for (const group of this.#groups) {
      let all = 0;
      let fresh = 0;
      for (const component of group.all) {
        if (known.has(component)) continue;
        all += this.#weights[component]!;
        if (!this.#given.has(component)) fresh += this.#weights[component]!;
      }
      const part = all === 0 ? 1 : fresh / all;
      const isBetter =
        best === null || part > best.part || (part === best.part && fresh > best.fresh);
      if (isBetter) best = { group, part, fresh };
    }
    return best!.group;
  }

  /** Whether the group costs the worker more than all groups that are left cost another one. */
  #isLeftToOthers(worker: number, { all }: Group): boolean {
    const own = this.#known.get(worker)!;
    const cost = this.#weigh(all.filter((component) => !own.has(component)));
    return [...this.#known].some(
      ([other, known]) => other !== worker && this.#isLeftLess(known, cost),
    );
  }

  /** Whether all groups that are left cost less for a worker that knows these. */
  #isLeftLess(known: ReadonlySet<number>, cost: number): boolean {
    const counted = new Set(known);
    let sum = 0;
    for (const group of this.#groups) {
      for (const component of group.all) {
        if (counted.has(component)) continue;
        counted.add(component);
        sum += this.#weights[component]!;
      }
      if (sum >= cost) return false;
    }
    return sum < cost;
  }

  #weigh(components: Iterable<number>): number {
    let sum = 0;
    for (const component of components) sum += this.#weights[component]!;
    return sum;
  }
}

/** A component belongs to the file of its first function. */
function groupsOf(
  components: readonly (readonly FunctionNode[])[],
  graph: CallGraph,
  wanted: readonly number[],
): Group[] {
  const componentOf = new Map(
    components.flatMap((cycle, index) => cycle.map((node) => [node, index] as const)),
  );
  const needs = components.map((cycle) => [
    ...new Set(
      cycle.flatMap((node) =>
        graph.neededBy(node).flatMap((needed) => componentOf.get(needed) ?? []),
      ),
    ),
  ]);
  const byFile = groupBy(wanted, (index) => components[index]![0]!.file);
  return [...byFile.values()].map((own) => {
    const all = new Set(own);
    for (const component of all) for (const needed of needs[component]!) all.add(needed);
    return { own, all: [...all] };
  });
}
