// Static type objects: which function deallocates the instances of which type.
import { child, type SyntaxNode, walk } from '../syntax/node.ts';

export interface TypeObject {
  readonly name: string;
  /** The functions in tp_dealloc and tp_free, as far as they are of this program. */
  readonly destructors: readonly string[];
  /** False: the initializer did not parse with its preprocessor directives in place. */
  readonly isWhole: boolean;
}

/** Positions in PyTypeObject, counted from tp_name (Include/cpython/object.h of CPython 3.13). */
const SLOTS = { tp_dealloc: 3, tp_free: 37 } as const;

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
    types.push({
      name: text.slice(name.start, name.end),
      destructors: destructorsOf(value, text),
      isWhole: !value.children.some((c) => c.type === 'ERROR'),
    });
    return false;
  });
  return types;
}

function destructorsOf(list: SyntaxNode, text: string): string[] {
  const items = itemsOf(list);
  const name = items.findIndex(
    (c) => c.type === 'string_literal' || c.type === 'concatenated_string',
  );
  return Object.entries(SLOTS).flatMap(([slot, position]) => {
    const designated = items.find((item) => memberOf(item, text) === slot);
    const value =
      designated === undefined
        ? name < 0
          ? undefined
          : items[name + position]
        : child(designated, 'value');
    return functionNamed(value, text) ?? [];
  });
}

/** The initializers; of a preprocessor conditional those of its first part. */
function itemsOf(list: SyntaxNode): SyntaxNode[] {
  return list.children.flatMap((item) => {
    if (item.type === 'comment' || item.type === 'preproc_call') return [];
    if (item.type.startsWith('preproc_if')) return itemsOf(withoutCondition(item));
    return [item];
  });
}

function withoutCondition(conditional: SyntaxNode): SyntaxNode {
  return { ...conditional, children: conditional.children.filter((c) => c.field === '') };
}

/** The member that a designated initializer sets. */
function memberOf(item: SyntaxNode, text: string): string | null {
  const designator = item.type === 'initializer_pair' ? child(item, 'designator') : undefined;
  const member = designator?.children[0];
  return member === undefined ? null : text.slice(member.start, member.end);
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
