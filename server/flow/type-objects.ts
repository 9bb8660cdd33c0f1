// Static type objects: which function deallocates the instances of which type.
import { child, type SyntaxNode, walk } from '../syntax/node.ts';

export interface TypeObject {
  readonly name: string;
  /** null: inherited, or not a function of this program. */
  readonly dealloc: string | null;
}

/** In PyTypeObject, tp_dealloc follows tp_name, tp_basicsize and tp_itemsize (Include/cpython/object.h). */
const DEALLOC_AFTER_NAME = 3;

export function collectTypeObjects(root: SyntaxNode, text: string): TypeObject[] {
  const types: TypeObject[] = [];
  walk(root, (node) => {
    if (node.type === 'compound_statement') return false;
    if (node.type !== 'declaration') return undefined;
    const type = child(node, 'type');
    if (type === undefined || text.slice(type.start, type.end) !== 'PyTypeObject') return undefined;
    const declarator = child(node, 'declarator');
    const name = declarator === undefined ? undefined : child(declarator, 'declarator');
    const value = declarator === undefined ? undefined : child(declarator, 'value');
    if (name === undefined || value?.type !== 'initializer_list') return false;
    types.push({ name: text.slice(name.start, name.end), dealloc: deallocOf(value, text) });
    return false;
  });
  return types;
}

function deallocOf(list: SyntaxNode, text: string): string | null {
  const items = list.children.filter((c) => c.type !== 'comment');
  for (const item of items) {
    if (item.type !== 'initializer_pair') continue;
    const designator = child(item, 'designator');
    const member = designator?.children[0];
    if (member === undefined || text.slice(member.start, member.end) !== 'tp_dealloc') continue;
    return functionNamed(child(item, 'value'), text);
  }
  const name = items.findIndex(
    (c) => c.type === 'string_literal' || c.type === 'concatenated_string',
  );
  return name < 0 ? null : functionNamed(items[name + DEALLOC_AFTER_NAME], text);
}

function functionNamed(node: SyntaxNode | undefined, text: string): string | null {
  let current = node;
  while (current !== undefined && current.type !== 'identifier') {
    current =
      child(current, 'value') ??
      child(current, 'argument') ??
      (current.type === 'parenthesized_expression' ? current.children[0] : undefined);
  }
  return current === undefined ? null : text.slice(current.start, current.end);
}
