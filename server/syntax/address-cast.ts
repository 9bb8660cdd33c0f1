// `(LPTSTR) &message`: where the grammar does not know that the name in parentheses is a type it reads "and".
// Made the cast of an address that it is, by how it is written: nobody puts a space before `&` alone, and an
// address is taken of a place only.
import type { SyntaxNode } from './node.ts';

const PLACES: ReadonlySet<string> = new Set([
  'identifier',
  'field_expression',
  'subscript_expression',
]);

/** Names that are those of pointer types, by the customs of Windows, POSIX and GLib. */
const TYPE_NAME = /^(?:LP[A-Z]|P[A-Z]{3})[A-Z0-9_]*$|^g(?:const)?pointer$|_t$/;

/** The cast, or the node as it is. */
export function asAddressCast(node: SyntaxNode, text: string): SyntaxNode {
  if (node.type !== 'binary_expression' || node.children.length !== 3) return node;
  const [left, operator, right] = node.children;
  if (left?.type !== 'parenthesized_expression' || left.children.length !== 1) return node;
  if (operator?.type !== '&' || right === undefined || !PLACES.has(right.type)) return node;
  const name = left.children[0]!;
  if (name.type !== 'identifier' || operator.end !== right.start) return node;
  if (left.end === operator.start && !isType(text.slice(name.start, name.end), text)) return node;
  const type: SyntaxNode = {
    ...name,
    type: 'type_descriptor',
    field: 'type',
    children: [{ ...name, type: 'type_identifier', field: 'type' }],
  };
  const value: SyntaxNode = {
    ...node,
    type: 'pointer_expression',
    field: 'value',
    start: operator.start,
    children: [operator, { ...right, field: 'argument' }],
  };
  return { ...node, type: 'cast_expression', children: [type, value] };
}

function isType(name: string, text: string): boolean {
  return TYPE_NAME.test(name) || new RegExp(`\\btypedef\\b[^;{}]*\\b${name}\\s*;`).test(text);
}
