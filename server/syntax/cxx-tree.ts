// Makes the nodes of the C++ grammar alike to those of the C grammar where they mean the same: casts,
// `this`, conditions, `::name`. What is left of C++ is lowered as such. Runs while the tree is built,
// children first.
import { child, type SyntaxNode } from './node.ts';

const CASTS: ReadonlySet<string> = new Set([
  'static_cast',
  'reinterpret_cast',
  'const_cast',
  'dynamic_cast',
]);

export function asCNode(node: SyntaxNode, text: string): SyntaxNode {
  switch (node.type) {
    case 'this':
      return { ...node, type: 'identifier' };
    case 'optional_parameter_declaration':
      return { ...node, type: 'parameter_declaration' };
    case 'raw_string_literal':
      return { ...node, type: 'string_literal' };
    case 'call_expression':
      return castOf(node, text) ?? node;
    case 'condition_clause': {
      const [value] = node.children.filter((c) => c.type !== 'comment');
      const isPlain = value?.field === 'value' && value.type !== 'declaration';
      return isPlain ? { ...node, type: 'parenthesized_expression', children: [value] } : node;
    }
    case 'qualified_identifier': {
      // `::free`
      const name = child(node, 'name');
      const isGlobal = name?.type === 'identifier' && child(node, 'scope') === undefined;
      return isGlobal ? { ...name, field: node.field } : node;
    }
    default:
      return node;
  }
}

/** `static_cast<T>(x)` and `int(x)` as the cast that they are. */
function castOf(node: SyntaxNode, text: string): SyntaxNode | null {
  const callee = child(node, 'function');
  const list = child(node, 'arguments')?.children.filter((c) => c.type !== 'comment') ?? [];
  const [value] = list;
  if (callee === undefined || value === undefined || list.length !== 1) return null;
  const type = ((): SyntaxNode | undefined => {
    if (callee.type === 'primitive_type') {
      return { ...callee, type: 'type_descriptor', field: 'type', children: [callee] };
    }
    if (callee.type !== 'template_function') return undefined;
    const name = child(callee, 'name');
    const isCast = name !== undefined && CASTS.has(text.slice(name.start, name.end));
    return isCast ? child(callee, 'arguments')?.children[0] : undefined;
  })();
  if (type === undefined) return null;
  const children = [
    { ...type, field: 'type' },
    { ...value, field: 'value' },
  ];
  return { ...node, type: 'cast_expression', children };
}
