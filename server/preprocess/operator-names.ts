// Operators written as names: `if (not p)`, where <iso646.h> or the project itself defines the names as macros.
// The grammar of C knows none of them.
import { NO_CODE } from './lexical.ts';
import type { MacroDefinition, MacroTable } from './macros.ts';

/** The macros of <iso646.h>. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['and_eq', '&='],
  ['bitand', '&'],
  ['bitor', '|'],
  ['compl', '~'],
  ['not', '!'],
  ['not_eq', '!='],
  ['or', '||'],
  ['or_eq', '|='],
  ['xor', '^'],
  ['xor_eq', '^='],
]);

const NAMES = [...OPERATORS.keys()].join('|');
const MAY_HAVE = new RegExp(`\\b(?:${NAMES})\\b`, 'i');
const NAME_OR_NO_CODE = new RegExp(`${NO_CODE.source}|\\b(?:${NAMES})\\b`, 'gim');
const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*<iso646\.h>/m;

/** A part of another file, which includes it there: no C without that. */
const USE = /\b(?:if|while)\s*\(\s*not\s+[A-Za-z_]/;

/** What a file defines by including <iso646.h>. */
export function includedOperators(text: string, file: string): MacroDefinition[] {
  const offset = INCLUDE.exec(text)?.index ?? (USE.test(text) ? 0 : null);
  if (offset === null) return [];
  return Array.from(OPERATORS, ([name, body]) => ({
    name,
    parameters: null,
    variadic: false,
    body,
    conditions: [],
    file,
    offset,
    until: Infinity,
  }));
}

/** The text with operators in the place of their names; nothing moves. */
export function withOperators(text: string, macros: MacroTable): string {
  if (!MAY_HAVE.test(text)) return text;
  return text.replace(NAME_OR_NO_CODE, (part) => {
    const operator = OPERATORS.get(part.toLowerCase());
    const definitions = macros.get(part) ?? [];
    if (operator === undefined || definitions.length === 0) return part;
    const isOperator = definitions.every((d) => d.parameters === null && d.body === operator);
    return isOperator ? operator.padEnd(part.length) : part;
  });
}
