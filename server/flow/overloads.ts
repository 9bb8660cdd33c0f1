// Functions of C++ with one name: which one is called depends on the types of the arguments.
import type { FunctionNode } from './call-graph.ts';

export function isOverload({ file, definition }: FunctionNode): boolean {
  return file.language === 'c++' && definition.conditions.length === 0;
}

/**
 * It converts an argument for another overload: `void f(char *p) { f((wchar_t *)p); }`. Many a header does not say that it
 * is C++.
 */
export function onlyConverts(node: FunctionNode): boolean {
  const { name, mentions, text } = node.definition;
  const plain = name.slice(name.lastIndexOf(':') + 1);
  if (!mentions.has(plain)) return false;
  return new RegExp(String.raw`\{\s*(?:return\s+)?${plain}\s*\([^;{}]*\)\s*;\s*\}\s*$`).test(text);
}
