// The values of enumerators. Knows one list at a time; what names of other lists mean is asked for.
import { child, type SyntaxNode, walk } from '../syntax/node.ts';
import { parseNumber } from './literals.ts';

/** null: the value is not known. */
export type Enumerators = Map<string, number | null>;

/**
 * Adds the names of `{ A, B = 4, C }`. Where one value is not known none is, so that they still differ from each
 * other by their names.
 */
export function addEnumerators(list: SyntaxNode, text: string, into: Enumerators): void {
  const values = valuesOf(list, text, into);
  walk(list, (node) => {
    if (node.type !== 'enumerator') return undefined;
    const name = nameOf(node, text);
    const value = values?.get(name) ?? null;
    const isOther = into.has(name) && into.get(name) !== value;
    into.set(name, isOther ? null : value);
    return false;
  });
}

function nameOf(enumerator: SyntaxNode, text: string): string {
  const name = child(enumerator, 'name');
  return name === undefined ? '' : text.slice(name.start, name.end);
}

/** null: not all of them are known. */
function valuesOf(
  list: SyntaxNode,
  text: string,
  others: Enumerators,
): ReadonlyMap<string, number> | null {
  const values = new Map<string, number>();
  const named = (name: string): number | null => values.get(name) ?? others.get(name) ?? null;
  let next = 0;
  for (const node of list.children) {
    if (node.type === 'comment') continue;
    // A preprocessor conditional, a macro that gives names.
    if (node.type !== 'enumerator') return null;
    const written = child(node, 'value');
    const value = written === undefined ? next : numberOf(written, text, named);
    if (value === null || !Number.isSafeInteger(value)) return null;
    values.set(nameOf(node, text), value);
    next = value + 1;
  }
  return values;
}

/** Of a constant expression; null: not known. */
function numberOf(
  node: SyntaxNode,
  text: string,
  named: (name: string) => number | null,
): number | null {
  const part = (field: string): number | null => {
    const operand = child(node, field);
    return operand === undefined ? null : numberOf(operand, text, named);
  };
  const written = text.slice(node.start, node.end);
  const sign = child(node, 'operator');
  const operator = sign === undefined ? '' : text.slice(sign.start, sign.end);
  switch (node.type) {
    case 'number_literal':
    case 'char_literal':
      return parseNumber(written);
    case 'identifier':
      return named(written);
    case 'parenthesized_expression':
      return node.children.length === 1 ? numberOf(node.children[0]!, text, named) : null;
    case 'unary_expression': {
      const operand = part('argument');
      return operand === null || operator !== '-' ? null : 0 - operand;
    }
    case 'binary_expression': {
      const left = part('left');
      const right = part('right');
      return left === null || right === null ? null : combined(left, operator, right);
    }
    default:
      return null;
  }
}

function combined(left: number, operator: string, right: number): number | null {
  const areSmall = [left, right].every((n) => n >= 0 && n <= 0x7fffffff);
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '<<':
      return areSmall && right < 32 ? left * 2 ** right : null;
    case '|':
      return areSmall ? left | right : null;
    default:
      return null;
  }
}
