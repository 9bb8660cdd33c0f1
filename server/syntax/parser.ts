// The one interface to a C parser; tree-sitter is known only inside this folder.
import type { SyntaxNode } from './node.ts';

/** Parses C. One per thread; not reentrant. */
export interface Parser {
  readonly backend: 'native' | 'wasm';
  /** Never throws on bad C: what cannot be parsed becomes ERROR nodes. */
  parse(text: string): SyntaxNode;
}
