// Functions that are handed over by name: `with_buffer(free, p)`. A function that calls one of its
// parameters is explored once more for each function that is given to it. What comes of it does not depend
// on who asks first.
import { argumentsAt } from '../preprocess/expand.ts';
import { splitArguments } from '../preprocess/macros.ts';
import type { FunctionNode } from './call-graph.ts';
import type { FunctionKey } from './exploration-memory.ts';
import type { Value } from './value.ts';

/** Explorations of one function with different callbacks, for one function that calls it. */
const MAX_VARIANTS = 6;

/** Index of a parameter -> the function that it holds. */
export type Callbacks = ReadonlyMap<number, string>;

/** The callbacks among the values that a call hands over; null: no parameter that the function calls is known. */
export function callbacksIn(node: FunctionNode, given: readonly Value[]): Callbacks | null {
  const callbacks = new Map<number, string>();
  given.forEach((value, i) => {
    if (value.kind === 'function' && callsParameter(node, i)) callbacks.set(i, value.name);
  });
  return callbacks.size === 0 ? null : callbacks;
}

/** Names what comes of a function and its callbacks. */
export type VariantKey = string;

/** A function is explored with callbacks. */
export interface Variant<T> {
  readonly key: VariantKey;
  readonly node: FunctionKey;
  readonly result: T;
}

export class Variants<T> {
  readonly #known = new Map<VariantKey, Variant<T>>();
  /** Under way, outermost first. */
  readonly #running: VariantKey[] = [];
  /** Explored while one further out was taken to be unknown; for as long as that one is under way. */
  readonly #provisional = new Map<VariantKey, Variant<T>>();
  /** The place in `#running` of the outermost that was taken to be unknown. */
  #unknown = Number.POSITIVE_INFINITY;

  /** null: it is asked for while it is explored. */
  of(key: VariantKey, node: FunctionKey, explore: () => T): Variant<T> | null {
    const known = this.#known.get(key) ?? this.#provisional.get(key);
    if (known !== undefined) return known;
    const running = this.#running.indexOf(key);
    if (running >= 0) {
      this.#unknown = Math.min(this.#unknown, running);
      return null;
    }
    const place = this.#running.push(key) - 1;
    const variant = { key, node, result: explore() };
    this.#running.pop();
    if (this.#unknown < place) {
      this.#provisional.set(key, variant);
    } else {
      this.#known.set(key, variant);
      this.#provisional.clear();
      this.#unknown = Number.POSITIVE_INFINITY;
    }
    return variant;
  }
}

/** How many variants of each function one caller may ask for. */
export class VariantBudget {
  readonly #asked = new Map<FunctionKey, Set<VariantKey>>();

  allows(callee: FunctionKey, key: VariantKey): boolean {
    const asked = this.#asked.get(callee) ?? new Set();
    this.#asked.set(callee, asked);
    if (!asked.has(key) && asked.size >= MAX_VARIANTS) return false;
    asked.add(key);
    return true;
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
