// The notes of a path as a tree: what happens inside a call lies below the call. Knows nothing of VS Code.
import type { PathNote } from '../server/lsp/protocol.ts';

export interface PathNode {
  readonly note: PathNote;
  /** Of the note on the path, 0-based. */
  readonly index: number;
  readonly children: readonly PathNode[];
}

interface OpenNode extends PathNode {
  readonly children: OpenNode[];
}

/** A note that is deeper than the one before it lies below the last shallower one, whatever that is. */
export function pathTree(notes: readonly PathNote[]): readonly PathNode[] {
  const roots: OpenNode[] = [];
  const open: OpenNode[] = [];
  for (const [index, note] of notes.entries()) {
    const node: OpenNode = { note, index, children: [] };
    while ((open.at(-1)?.note.depth ?? -1) >= note.depth) open.pop();
    (open.at(-1)?.children ?? roots).push(node);
    open.push(node);
  }
  return roots;
}

/** The node at `index` of the path, and those above it, from the outside in. */
export function chainTo(nodes: readonly PathNode[], index: number): readonly PathNode[] {
  const holder = nodes.findLast((node) => node.index <= index);
  if (holder === undefined) return [];
  return holder.index === index ? [holder] : [holder, ...chainTo(holder.children, index)];
}

export interface Mark {
  readonly at: PathNote['at'];
  /** Of the notes at this place, from 1. */
  readonly numbers: readonly number[];
}

/** One mark for each place of the path, with the numbers of all steps there. */
export function marksOf(notes: readonly PathNote[]): readonly Mark[] {
  const marks = new Map<string, { at: PathNote['at']; numbers: number[] }>();
  for (const [index, { at }] of notes.entries()) {
    const key = `${at.file}\n${at.line}:${at.column}`;
    const mark = marks.get(key) ?? { at, numbers: [] };
    mark.numbers.push(index + 1);
    marks.set(key, mark);
  }
  return [...marks.values()];
}
