// Functions of C++ with one name: which one is called depends on the types of the arguments.
import type { FunctionNode } from './call-graph.ts';

export function isOverload({ file, definition }: FunctionNode): boolean {
  return file.language === 'c++' && definition.conditions.length === 0;
}

/** Without those that only convert an argument for the others: `void f(char *p) { f((wchar_t *)p); }`. */
export function proper(nodes: readonly FunctionNode[]): readonly FunctionNode[] {
  return nodes.some(handsOn) ? nodes.filter((node) => !handsOn(node)) : nodes;
}

function handsOn({ definition: { name, mentions, text } }: FunctionNode): boolean {
  if (!mentions.has(name)) return false;
  const plain = name.slice(name.lastIndexOf(':') + 1);
  return new RegExp(String.raw`\{\s*(?:return\s+)?${plain}\s*\([^;{}]*\)\s*;\s*\}\s*$`).test(text);
}
