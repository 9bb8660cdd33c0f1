// Functions that run without a thread state though nobody in view calls them so: those that a thread
// begins with, and callbacks of a library whose functions the program calls while it is detached.
import { apiRow } from '../knowledge/row.ts';
import { type CallGraph, type FunctionNode, mentionsThreadState } from './call-graph.ts';
import type { Detachment } from './heap-call.ts';
import { keptCallbacks, libraryOf } from './kept-callbacks.ts';
import type { CallWhileDetached } from './observe-threads.ts';

export class ThreadEntries {
  readonly #graph: CallGraph;
  readonly #entries = new Map<FunctionNode, Detachment>();
  readonly #calledDetached = new Set<FunctionNode>();
  /** Libraries with functions that are called detached. */
  readonly #libraries = new Set<string>();
  /** What those functions are given: `pa stream`. */
  readonly #handles = new Set<string>();

  constructor(graph: CallGraph) {
    this.#graph = graph;
  }

  add(node: FunctionNode, by: Detachment): void {
    if (this.#entries.has(node)) return;
    // Who is called besides may be told, or find out, whether there is a thread state.
    if (by.how !== 'callback' && this.#isCalled(node)) return;
    this.#entries.set(node, by);
  }

  callsDetached(from: FunctionNode, { name, handles }: CallWhileDetached): void {
    const nodes = this.#graph.resolve(from, name);
    for (const node of nodes) this.#calledDetached.add(node);
    if (nodes.length > 0) return;
    this.#addLibrary(name);
    for (const handle of handles) this.#handles.add(`${libraryOf(name)} ${handle}`);
  }

  /** Asked when all is explored. */
  all(): ReadonlyMap<FunctionNode, Detachment> {
    for (const { node, by } of this.#graph.writtenStarts()) this.add(node, by);
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

  #addCallbacks(from: FunctionNode): void {
    const { file, definition } = from;
    const called = { libraries: this.#libraries, handles: this.#handles };
    for (const { name, api, start, end } of keptCallbacks(definition.text, called)) {
      const at = file.source.span(definition.start + start, definition.start + end);
      for (const node of this.#graph.resolve(from, name)) {
        if (!isCallbackOf(from, node) || this.#takesCare(node)) continue;
        this.add(node, { how: 'callback', api, at });
      }
    }
  }

  /** It, or what it calls, starts Python or changes to another thread state: it knows in which one it is. */
  #takesCare(node: FunctionNode): boolean {
    return [node, ...this.#graph.calleesOf(node)].some(({ definition }) =>
      [...definition.mentions].some((name) => apiRow(name)?.threadState === 'forget'),
    );
  }

  /** Whether a function of the program calls this one by its name. */
  #isCalled(node: FunctionNode): boolean {
    const [, owner, name] = /^(.*::)?(.*)$/s.exec(node.definition.name)!;
    const call = new RegExp(String.raw`\b${name}\s*\(`);
    return this.#graph.nodes.some(
      (other) =>
        other !== node &&
        other.definition.mentions.has(name!) &&
        call.test(other.definition.text) &&
        // Which class has the method is not asked.
        (owner !== undefined || this.#graph.resolve(other, name!).includes(node)),
    );
  }
}

/** A function of the same file that a library can call: it is given no objects. */
function isCallbackOf(from: FunctionNode, { file, definition }: FunctionNode): boolean {
  const head = definition.text.slice(0, definition.text.indexOf('{'));
  return definition.isStatic && file === from.file && !/\bPy[A-Z]\w*/.test(head);
}
