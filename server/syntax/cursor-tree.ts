// Turns a tree-sitter cursor of either backend into plain nodes, without recursion.
import type { SyntaxNode } from './node.ts';

/** What native and wasm cursors have in common. */
export interface Cursor {
  readonly nodeType: string;
  readonly nodeIsNamed: boolean;
  readonly nodeIsMissing: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly currentFieldName: string | null | undefined;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}

interface Building extends SyntaxNode {
  readonly children: SyntaxNode[];
}

/** `finish` may replace a node, except the root; its children are complete. */
export function treeFromCursor(
  cursor: Cursor,
  finish: ((node: SyntaxNode) => SyntaxNode) | null = null,
): SyntaxNode {
  const root = nodeAt(cursor, '');
  const parents: Building[] = [root];
  let descend = cursor.gotoFirstChild();
  while (parents.length > 0) {
    if (descend) {
      const field = cursor.currentFieldName ?? '';
      let entered = false;
      // Each question to the cursor is a call out of JavaScript.
      const isNamed = cursor.nodeIsNamed;
      if (isNamed || field !== '') {
        const node = nodeAt(cursor, field);
        parents.at(-1)!.children.push(node);
        if (isNamed && cursor.gotoFirstChild()) {
          parents.push(node);
          entered = true;
        }
      }
      if (!entered) {
        if (finish !== null) finishLast(parents.at(-1)!, finish);
        descend = cursor.gotoNextSibling();
      }
    } else {
      parents.pop();
      if (parents.length === 0) break;
      if (finish !== null) finishLast(parents.at(-1)!, finish);
      cursor.gotoParent();
      descend = cursor.gotoNextSibling();
    }
  }
  return root;
}

function finishLast(parent: Building, finish: (node: SyntaxNode) => SyntaxNode): void {
  const last = parent.children.at(-1);
  if (last !== undefined) parent.children[parent.children.length - 1] = finish(last);
}

function nodeAt(cursor: Cursor, field: string): Building {
  const start = cursor.startIndex;
  const end = cursor.endIndex;
  const missing = start === end && cursor.nodeIsMissing;
  return { type: cursor.nodeType, start, end, field, children: [], missing };
}
