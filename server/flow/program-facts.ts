// What a whole program says, for the exploration of a part of it: plain data, restricted to what the part
// names.
import type { FunctionNode } from './call-graph.ts';
import type { FunctionKey } from './exploration-memory.ts';
import type { PointerWorld } from './function-pointers.ts';

export interface ProgramFacts {
  readonly pointers: PointerWorld;
  /** Functions that may run with a detached thread state. */
  readonly detached: readonly FunctionKey[];
  /** Functions that may change the thread state. */
  readonly threadChangers: readonly FunctionKey[];
  /** Components of relevant functions, callees first. */
  readonly order: readonly (readonly FunctionKey[])[];
}

/** Of each function its file, name, and place among the definitions of that name in the file. */
export function functionKeys(
  nodes: readonly FunctionNode[],
): ReadonlyMap<FunctionNode, FunctionKey> {
  const counts = new Map<string, number>();
  return new Map(
    nodes.map((node) => {
      const name = `${node.file.source.file}\n${node.definition.name}`;
      const place = counts.get(name) ?? 0;
      counts.set(name, place + 1);
      return [node, `${name}\n${place}`];
    }),
  );
}
