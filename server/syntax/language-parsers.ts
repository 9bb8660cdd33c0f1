// The parsers of both languages from how each is parsed, whatever does the parsing.
import { asCNode } from './cxx-tree.ts';
import type { Language } from './language.ts';
import type { SyntaxNode } from './node.ts';
import type { Parser } from './parser.ts';

export type Parse = (text: string) => SyntaxNode;

/** The parser of C; it leads to the other. */
export function parserOf(
  backend: Parser['backend'],
  parse: Readonly<Record<Language, Parse>>,
): Parser {
  const of = (language: Language): Parser => ({
    backend,
    language,
    parse: parse[language],
    in: (other) => parsers[other],
  });
  const parsers: Readonly<Record<Language, Parser>> = { c: of('c'), 'c++': of('c++') };
  return parsers.c;
}

/** What becomes of each node; null: it stays. */
export function finisher(
  language: Language,
  text: string,
): ((node: SyntaxNode) => SyntaxNode) | null {
  return language === 'c++' ? (node) => asCNode(node, text) : null;
}
