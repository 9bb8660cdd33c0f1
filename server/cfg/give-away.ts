// Values that go where the analysis does not follow: into an object whose class decides what becomes of them.
import type { SyntaxNode } from '../syntax/node.ts';
import { add, type Lowering, opaque } from './context.ts';
import type { Place, Temp } from './instruction.ts';

/** The values in a list of arguments live on in an object whose class decides what becomes of them. */
export function giveAway(lowering: Lowering, list: SyntaxNode): void {
  const items = list.children.filter((c) => c.type !== 'comment');
  for (const item of items) {
    if (item.type === 'initializer_list') giveAway(lowering, item);
    else keepValue(lowering, item, lowering.value(item));
  }
}

/** A store to a place out of view: the value may be reached and released from there. */
export function keepValue(lowering: Lowering, node: SyntaxNode, value: Temp): void {
  const pointer = opaque(lowering, node, null);
  const base: Place = { kind: 'memory', pointer };
  const place: Place = { kind: 'element', base, index: null, subscript: null };
  add(lowering, node, { op: 'store', to: place, value, text: '' });
}
