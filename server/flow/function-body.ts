// The syntax tree of one function definition, made when the function is explored.
import { chooseAlternative } from '../preprocess/alternatives.ts';
import type { MacroTable, PreprocessorCondition } from '../preprocess/macros.ts';
import { normalize } from '../preprocess/normalize.ts';
import { withOperators } from '../preprocess/operator-names.ts';
import { repaired } from '../preprocess/repair.ts';
import { hasError, type SyntaxNode } from '../syntax/node.ts';
import type { Parser } from '../syntax/parser.ts';
import type { FunctionDefinition } from './functions.ts';

/** A definition as it can be compiled. */
export interface FunctionBody {
  /** What the offsets of the node refer to. */
  readonly text: string;
  /** Where that text begins in the file. */
  readonly start: number;
  /** Of an alternative: what holds where it is compiled. */
  readonly conditions: readonly PreprocessorCondition[];
  readonly node: SyntaxNode;
}

/**
 * One for each alternative of the conditionals inside, where the definition does not parse with all of
 * them in place; else one; none: it does not parse by itself.
 */
export function bodiesOf(
  definition: FunctionDefinition,
  { parser, macros }: { readonly parser: Parser; readonly macros: MacroTable },
): readonly FunctionBody[] {
  const { start } = definition;
  if (definition.body !== null) {
    const { body, text } = definition;
    return [(hasError(body.node) ? repairedBody(text, start, parser) : null) ?? body];
  }
  const written =
    parser.language === 'c' ? withOperators(definition.text, macros) : definition.text;
  const text = normalize(written);
  const whole = parseBody(text, start, parser);
  const bodies = whole === null ? [] : [whole];
  if (whole !== null && !hasError(whole.node)) return bodies;
  const clean = repairedBody(text, start, parser);
  if (clean !== null) return [clean];
  if (!/^[ \t]*#[ \t]*if/m.test(text)) return bodies;
  const chosen = new Map<string, FunctionBody>();
  for (const choice of [0, 1] as const) {
    const { text: chosenText, conditions } = chooseAlternative(written, choice);
    const alternative = normalize(chosenText);
    const body = parseBody(alternative, start, parser);
    if (body === null || hasError(body.node)) continue;
    chosen.set(alternative.replace(/\s+/g, ' '), { ...body, conditions });
  }
  return chosen.size > 0 ? [...chosen.values()] : bodies;
}

/** null: it still does not parse. */
function repairedBody(text: string, start: number, parser: Parser): FunctionBody | null {
  const rewritten = repaired(text);
  const body = rewritten === null ? null : parseBody(rewritten, start, parser);
  return body === null || hasError(body.node) ? null : body;
}

function parseBody(text: string, start: number, parser: Parser): FunctionBody | null {
  const node = parser.parse(text).children.find((c) => c.type === 'function_definition');
  return node === undefined ? null : { text, start, node, conditions: [] };
}
