// Turns a tree-sitter cursor of either backend into plain nodes, without recursion.
import type { SyntaxNode } from './node.ts';

/** What native and wasm cursors have in common. */
export interface Cursor {
  readonly nodeType: string;
  /** Equal for equal types, of named nodes or of tokens. */
  readonly nodeTypeId: number;
  readonly nodeIsNamed: boolean;
  readonly nodeIsMissing: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly currentFieldName: string | null | undefined;
  /** 0 or undefined: none. */
  readonly currentFieldId: number | undefined;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}

interface Kind {
  readonly type: string;
  readonly isNamed: boolean;
}

/** What a grammar's numbers mean. A question to the cursor is a call out of JavaScript, and each text is a new one. */
export class GrammarNames {
  readonly #kinds = new Map<number, Kind>();
  readonly #fields = new Map<number, string>();

  /** Of the node that the cursor is at. */
  kindAt(cursor: Cursor): Kind {
    const id = cursor.nodeTypeId;
    let kind = this.#kinds.get(id);
    if (kind === undefined) {
      kind = { type: internalized(cursor.nodeType), isNamed: cursor.nodeIsNamed };
      this.#kinds.set(id, kind);
    }
    return kind;
  }

  /** Empty: none. */
  fieldAt(cursor: Cursor): string {
    const id = cursor.currentFieldId ?? 0;
    if (id === 0) return '';
    let field = this.#fields.get(id);
    if (field === undefined) {
      field = internalized(cursor.currentFieldName ?? '');
      this.#fields.set(id, field);
    }
    return field;
  }
}

/** V8 compares names of properties, and literals, by their addresses. */
function internalized(text: string): string {
  return Object.keys({ [text]: true })[0]!;
}

interface Building extends SyntaxNode {
  readonly children: SyntaxNode[];
}

/** `names`: of the cursor's grammar. `finish` may replace a node, except the root; its children are complete. */
export function treeFromCursor(
  cursor: Cursor,
  names: GrammarNames,
  finish: ((node: SyntaxNode) => SyntaxNode) | null = null,
): SyntaxNode {
  const root = nodeAt(cursor, names.kindAt(cursor), '');
  const parents: Building[] = [root];
  let descend = cursor.gotoFirstChild();
  while (parents.length > 0) {
    if (descend) {
      const field = names.fieldAt(cursor);
      let entered = false;
      const kind = names.kindAt(cursor);
      if (kind.isNamed || field !== '') {
        const node = nodeAt(cursor, kind, field);
        parents.at(-1)!.children.push(node);
        if (kind.isNamed && cursor.gotoFirstChild()) {
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

function nodeAt(cursor: Cursor, { type }: Kind, field: string): Building {
  const start = cursor.startIndex;
  const end = cursor.endIndex;
  const missing = start === end && cursor.nodeIsMissing;
  return { type, start, end, field, children: [], missing };
}
