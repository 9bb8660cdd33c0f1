// Strongly connected components of a graph (Tarjan 1972).

/** Components of `nodes` in an order in which callees come first; iterative, so depth costs no stack. */
export function components<T>(nodes: readonly T[], calleesOf: (node: T) => readonly T[]): T[][] {
  const index = new Map<T, number>();
  const low = new Map<T, number>();
  const onStack = new Set<T>();
  const stack: T[] = [];
  const result: T[][] = [];
  for (const root of nodes) {
    if (index.has(root)) continue;
    const work: { node: T; callees: readonly T[]; next: number }[] = [];
    const enter = (node: T): void => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      stack.push(node);
      onStack.add(node);
      work.push({ node, callees: calleesOf(node), next: 0 });
    };
    enter(root);
    while (work.length > 0) {
      const top = work.at(-1)!;
      const callee = top.callees[top.next++];
      if (callee !== undefined) {
        if (!index.has(callee)) enter(callee);
        else if (onStack.has(callee)) {
          low.set(top.node, Math.min(low.get(top.node)!, index.get(callee)!));
        }
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) {
        low.set(parent.node, Math.min(low.get(parent.node)!, low.get(top.node)!));
      }
      if (low.get(top.node) !== index.get(top.node)) continue;
      const component: T[] = [];
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        onStack.delete(node);
        component.push(node);
        if (node === top.node) break;
      }
      result.push(component);
    }
  }
  return result;
}
