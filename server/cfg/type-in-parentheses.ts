// `(LPTSTR) &message`, `(iconv_t)-1`: where the grammar does not know that the name in parentheses is a type it reads
// an operator of two operands. What headers out of view declare is told by the customs of naming and spacing.
import { apiRow } from '../knowledge/row.ts';
import { child, type SyntaxNode } from '../syntax/node.ts';
import { bare, type Lowering, textOf } from './context.ts';

/** Names of pointer types, by the customs of Windows, POSIX and GLib. */
const POINTER_NAME = /^(?:LP[A-Z][A-Z0-9_]*|P[A-Z]{3}[A-Z0-9]*)$|^g(?:const)?pointer$|_t$/;

/** `&message`, `-1`; null: there are two operands. */
export function castOperand(lowering: Lowering, node: SyntaxNode): SyntaxNode | null {
  const left = child(node, 'left');
  const right = child(node, 'right');
  const operator = child(node, 'operator');
  const inner = left?.type === 'parenthesized_expression' ? bare(left) : undefined;
  if (left === undefined || right === undefined || operator === undefined) return null;
  if (inner?.type !== 'identifier') return null;
  const name = textOf(lowering, inner);
  const isNumber = operator.type === '-' && bare(right).type === 'number_literal';
  const isPlace =
    operator.type === '&' &&
    /^(?:identifier|field_expression|subscript_expression)$/.test(right.type);
  if (!isNumber && !isPlace) return null;
  // Nobody puts a space before an "and" alone.
  const isSpaced = left.end < operator.start && operator.end === right.start;
  const byCustom = isNumber ? name.endsWith('_t') : POINTER_NAME.test(name) || isSpaced;
  if (!(isType(lowering, name) ?? byCustom)) return null;
  const type = isNumber ? 'unary_expression' : 'pointer_expression';
  const argument = { ...right, field: 'argument' };
  return { ...node, type, start: operator.start, children: [operator, argument] };
}

/** null: nothing in view declares the name. */
function isType({ scopes, unit }: Lowering, name: string): boolean | null {
  if (scopes.lookup(name) !== undefined) return false;
  const { types, functions, enumerators, arrays } = unit.declarations;
  if (types.has(name)) return true;
  const [macro] = unit.macros.get(name) ?? [];
  if (macro !== undefined) return macro.body.endsWith('*');
  const isOther = [functions, enumerators, arrays].some((names) => names.has(name));
  return isOther || apiRow(name) !== undefined ? false : null;
}
