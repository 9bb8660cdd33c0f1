// The one interface to a parser of C or C++; tree-sitter is known only inside this folder.
import type { Language } from './language.ts';
import type { SyntaxNode } from './node.ts';

/** Parses one language. One per thread; not reentrant. */
export interface Parser {
  readonly backend: 'native' | 'wasm';
  readonly language: Language;
  /** Never throws on bad C: what cannot be parsed becomes ERROR nodes. */
  parse(text: string): SyntaxNode;
  /** The parser of that language with the same backend. */
  in(language: Language): Parser;
}
