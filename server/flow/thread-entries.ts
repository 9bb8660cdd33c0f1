// Functions that run without a thread state though nobody in view calls them so: those that a thread
// begins with, and callbacks of a library whose functions the program calls while it is detached.
import { apiRow } from '../knowledge/row.ts';
import { type CallGraph, type FunctionNode, mentionsThreadState } from './call-graph.ts';
import type { Detachment } from './heap-call.ts';

/** What the exploration of a function notices. */
export interface ThreadObserver {
  /** A function of the program starts in a thread of its own. */
  starts(name: string, by: Detachment): void;
  /** A function is called with a detached thread state. */
  callsDetached(name: string): void;
}

export const NO_OBSERVER: ThreadObserver = { starts: () => {}, callsDetached: () => {} };

export class ThreadEntries {
  readonly #graph: CallGraph;
  readonly #entries = new Map<FunctionNode, Detachment>();
  readonly #calledDetached = new Set<FunctionNode>();
  /** Libraries with functions that are called detached. */
  readonly #libraries = new Set<string>();

  constructor(graph: CallGraph) {
    this.#graph = graph;
  }

  observer(from: FunctionNode): ThreadObserver {
    return {
      starts: (name, by) => {
        for (const node of this.#graph.resolve(from, name)) this.add(node, by);
      },
      callsDetached: (name) => this.callsDetached(from, name),
    };
  }

  add(node: FunctionNode, by: Detachment): void {
    if (!this.#entries.has(node)) this.#entries.set(node, by);
  }

  callsDetached(from: FunctionNode, name: string): void {
    const nodes = this.#graph.resolve(from, name);
    for (const node of nodes) this.#calledDetached.add(node);
    if (nodes.length === 0) this.#addLibrary(name);
  }

  /** Asked when all is explored. */
  all(): ReadonlyMap<FunctionNode, Detachment> {
    this.#followCalls();
    if (this.#libraries.size > 0) for (const node of this.#graph.nodes) this.#addCallbacks(node);
    return this.#entries;
  }

  #addLibrary(name: string): void {
    const library = libraryOf(name);
    if (library !== null) this.#libraries.add(library);
  }

  /** What is called detached calls others so, unless it changes that. */
  #followCalls(): void {
    const pending = [...this.#calledDetached];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (mentionsThreadState(node)) continue;
      for (const name of node.definition.mentions) this.#addLibrary(name);
      for (const callee of this.#graph.calleesOf(node)) {
        if (this.#calledDetached.has(callee)) continue;
        this.#calledDetached.add(callee);
        pending.push(callee);
      }
    }
  }

  /** `SDL_SetEventFilter(filter, NULL)`: found by the text, whether or not the function is explored. */
  #addCallbacks(from: FunctionNode): void {
    const { file, definition } = from;
    const calls = definition.text.matchAll(/\b([A-Za-z]\w*)\s*\(((?:[^();{}]|\([^()]*\))*)\)/g);
    for (const { 0: text, 1: api, 2: list, index } of calls) {
      if (api === undefined || list === undefined || !keepsCallbacks(api)) continue;
      const library = libraryOf(api);
      if (library === null || !this.#libraries.has(library)) continue;
      const start = definition.start + index;
      const at = file.source.span(start, start + text.length);
      for (const argument of list.split(',')) {
        const name = /^(?:\s*\([^()]*\))?\s*&?\s*([A-Za-z_]\w*)\s*$/.exec(argument)?.[1];
        if (name === undefined || isDeclaredIn(definition.text, name)) continue;
        for (const node of this.#graph.resolve(from, name)) {
          if (isCallbackOf(from, node)) this.add(node, { how: 'callback', api, at });
        }
      }
    }
  }
}

/** A variable of the function may have the name: `SDL_Rect *rect;`. */
function isDeclaredIn(text: string, name: string): boolean {
  return new RegExp(`\\w[\\s*&]+${name}\\s*[;,=)\\[({]`).test(text);
}

/** A function of the same file that a library can call: it is given no objects. */
function isCallbackOf(from: FunctionNode, { file, definition }: FunctionNode): boolean {
  const head = definition.text.slice(0, definition.text.indexOf('{'));
  return definition.isStatic && file === from.file && !/\bPy[A-Z]\w*/.test(head);
}

/** By the words in its name. One that calls back at once is not told apart from one that keeps. */
function keepsCallbacks(name: string): boolean {
  return /set|regist|hook|callback|handler|filter|processor|notify|watch|finished|subscribe/i.test(
    name,
  );
}

/** `SDL` of SDL_PumpEvents, `PQ` of PQexec: functions of one library begin alike. null: not known. */
function libraryOf(name: string): string | null {
  if (/^_*py/i.test(name) || apiRow(name)?.lib === 'libc') return null;
  return (
    /^([A-Za-z][A-Za-z0-9]+)_/.exec(name)?.[1] ?? /^[A-Z]{2,}(?=[a-z])/.exec(name)?.[0] ?? null
  );
}
