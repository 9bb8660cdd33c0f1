// The same question asked twice on one path: where nothing it mentions changes in between, another answer
// the second time is a path that does not exist. Values tell most of them; calls out of view, which may
// change anything, hide the rest, and there the text of the condition decides.
import type { Cfg } from '../cfg/instruction.ts';
import { eventsOf, placeKey, type Trace } from './trace.ts';
import { sourceName } from '../cfg/scope.ts';

export class RepeatedTests {
  readonly #cfg: Cfg;
  #changing: Changing | null = null;

  constructor(cfg: Cfg) {
    this.#cfg = cfg;
  }

  /** The path answers one question in two ways. */
  contradicts(trace: Trace | null): boolean {
    const answers = new Map<string, { readonly taken: boolean; readonly place: string }>();
    for (const event of eventsOf(trace)) {
      if (event.kind !== 'branch') continue;
      const { condition, taken, at } = event;
      const place = placeKey(at);
      const known = answers.get(condition);
      if (known === undefined) answers.set(condition, { taken, place });
      // The condition of a loop is asked again at its own place.
      else if (known.taken !== taken && known.place !== place && this.#isLasting(condition)) {
        return true;
      }
    }
    return false;
  }

  /** Nothing in the function changes what the condition mentions. */
  #isLasting(condition: string): boolean {
    this.#changing ??= changingIn(this.#cfg);
    const { names, places } = this.#changing;
    const calls = condition.matchAll(/([A-Za-z_]\w*)\s*\(/g);
    for (const [, name] of calls) if (!/check|(^|_)(is|has|can|type)/i.test(name!)) return false;
    const words = [...condition.matchAll(/(?<!->\s*|\.\s*|\w)[A-Za-z_]\w*(?!\w*\s*\()/g)];
    if (words.length === 0) return false;
    if (words.some(([word]) => names.has(word))) return false;
    return !places.some((place) => condition.includes(place));
  }
}

interface Changing {
  /** Locals and globals with more than one value in the function. */
  readonly names: ReadonlySet<string>;
  /** What else is assigned to, as written. */
  readonly places: readonly string[];
}

function changingIn(cfg: Cfg): Changing {
  const stores = new Map<string, number>();
  const names = new Set<string>();
  const places = new Set<string>();
  const parameters = new Set(cfg.parameters.map((p) => p.local));
  for (const instruction of cfg.blocks.flatMap((block) => block.instructions)) {
    if (instruction.op === 'address') {
      const { of } = instruction;
      if (of.kind === 'local' || of.kind === 'global') names.add(sourceName(of.name));
    }
    if (instruction.op !== 'store') continue;
    const { to } = instruction;
    if (to.kind === 'local' || to.kind === 'global') {
      const count = (stores.get(sourceName(to.name)) ?? (parameters.has(to.name) ? 1 : 0)) + 1;
      stores.set(sourceName(to.name), count);
      if (count > 1) names.add(sourceName(to.name));
    } else if (instruction.text !== '') places.add(instruction.text);
  }
  return { names, places: [...places] };
}
