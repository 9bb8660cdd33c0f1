// Functions that are handed over by name: `with_buffer(free, p)`. A function that calls one of its
// parameters is explored once more for each function that is given to it.
import { argumentsAt } from '../preprocess/expand.ts';
import { splitArguments } from '../preprocess/macros.ts';
import type { FunctionNode } from './call-graph.ts';
import type { Summary } from './summary.ts';
import type { Value } from './value.ts';

/** Explorations of one function with different callbacks. */
const MAX_VARIANTS = 6;

/** Index of a parameter -> the function that it holds. */
export type Callbacks = ReadonlyMap<number, string>;

export class CallbackSummaries {
  readonly #explore: (node: FunctionNode, callbacks: Callbacks) => Summary | null;
  readonly #known = new Map<FunctionNode, Map<string, Summary | null>>();

  constructor(explore: (node: FunctionNode, callbacks: Callbacks) => Summary | null) {
    this.#explore = explore;
  }

  /** What the function does when it is given these values; null: no parameter that it calls is known. */
  with(node: FunctionNode, given: readonly Value[]): Summary | null {
    const callbacks = new Map<number, string>();
    given.forEach((value, i) => {
      if (value.kind === 'function' && callsParameter(node, i)) callbacks.set(i, value.name);
    });
    if (callbacks.size === 0) return null;
    const variants = this.#known.get(node) ?? new Map<string, Summary | null>();
    this.#known.set(node, variants);
    const key = [...callbacks].join();
    const known = variants.get(key);
    if (known !== undefined || variants.size >= MAX_VARIANTS) return known ?? null;
    // Asked for again while it is explored: the function calls itself.
    variants.set(key, null);
    const summary = this.#explore(node, callbacks);
    variants.set(key, summary);
    return summary;
  }
}

/** Whether the body calls the parameter, or hands it on. */
function callsParameter({ definition: { name, text } }: FunctionNode, index: number): boolean {
  const list = argumentsAt(text, text.indexOf(name) + name.length);
  const written = list === null ? undefined : splitArguments(list.inner)[index];
  const parameter =
    /\(\s*\*\s*(\w+)\s*\)\s*\(/.exec(written ?? '')?.[1] ?? /(\w+)\s*$/.exec(written ?? '')?.[1];
  if (list === null || parameter === undefined) return false;
  const use = new RegExp(
    String.raw`\b${parameter}\s*\(|\(\s*\*\s*${parameter}\s*\)\s*\(|[(,]\s*${parameter}\s*[,)]`,
  );
  return use.test(text.slice(list.end));
}
