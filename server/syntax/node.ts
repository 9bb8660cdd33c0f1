// The syntax tree the rest of the server sees: plain objects, made in one cursor pass over a
// tree-sitter tree. Anonymous tokens are left out unless the grammar gives them a field (operators).

export interface SyntaxNode {
  /** The grammar's node type: `call_expression`, or the token itself for anonymous nodes. */
  readonly type: string;
  /** Offsets into the text, UTF-16 units, 0-based; the end is exclusive. */
  readonly start: number;
  readonly end: number;
  /** The grammar's field name in the parent; empty when none. */
  readonly field: string;
  readonly children: readonly SyntaxNode[];
  /** True for a token that the parser invented to go on. */
  readonly missing: boolean;
}

/** The first child with the given field name. */
export function child(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return node.children.find((c) => c.field === field);
}

export function childrenOf(node: SyntaxNode, field: string): SyntaxNode[] {
  return node.children.filter((c) => c.field === field);
}

/** The first child of the given type. */
export function childOfType(node: SyntaxNode, type: string): SyntaxNode | undefined {
  return node.children.find((c) => c.type === type);
}

/** Calls `visit` for the node and everything below it, parents first; `false` skips what is below. */
export function walk(root: SyntaxNode, visit: (node: SyntaxNode) => boolean | undefined): void {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (visit(node) === false) continue;
    for (let i = node.children.length - 1; i >= 0; i--) stack.push(node.children[i]!);
  }
}

/**
 * Whether something in the body of a definition did not parse; a macro before its name does no harm. A
 * function inside a function is a mismatch of braces between alternatives.
 */
export function hasError(node: SyntaxNode): boolean {
  let found = false;
  walk(child(node, 'body') ?? node, (n) => {
    found ||= n.type === 'ERROR' || n.type === 'function_definition';
    return !found && n.type !== 'field_declaration_list';
  });
  return found;
}
