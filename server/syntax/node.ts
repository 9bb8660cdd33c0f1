// The syntax tree the rest of the server sees: plain objects, made in one cursor pass over a tree-sitter tree.

export interface SyntaxNode {
  /** The grammar's node type: `call_expression`, or the token itself for anonymous nodes. */
  readonly type: string;
  /** Offsets into the text, UTF-16 units, 0-based; the end is exclusive. */
  readonly start: number;
  readonly end: number;
  /** The grammar's field name in the parent; empty when none. */
  readonly field: string;
  readonly children: readonly SyntaxNode[];
}
