// Which values are never equal: places, blocks, what was there before them. Unknown is not distinct.
import type { Frame } from './frame.ts';
import { isBorrowed } from './lending.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

function isPlace(v: Value): boolean {
  return v.kind === 'address' || v.kind === 'function' || v.kind === 'text';
}

/** Two values that are never equal. */
export function areDistinct(frame: Frame, state: State, a: Value, b: Value): boolean {
  const isBlock = (v: Value): boolean =>
    v.kind === 'ref' && frame.origins.get(v.id)?.kind === 'allocation' && state.heap.has(v.id);
  if (isPlace(a) && isPlace(b)) return true;
  if (isPlace(a) && b.kind === 'int') return b.value === 0;
  if (isPlace(b) && a.kind === 'int') return a.value === 0;
  if (isPlace(a) && isBlock(b)) return true;
  if (isPlace(b) && isBlock(a)) return true;
  if (isBlock(a) && (isOlder(frame, a, b) || isForeign(state, a, b))) return true;
  if (isBlock(b) && (isOlder(frame, b, a) || isForeign(state, b, a))) return true;
  return isBlock(a) && isBlock(b) && a.kind === 'ref' && b.kind === 'ref' && a.id !== b.id;
}

/** A new block is none that was there when the function was entered; a resized one may be. */
function isOlder(frame: Frame, block: Value, other: Value): boolean {
  const made = frame.originOf(block);
  return (
    frame.originOf(other)?.kind === 'initial' &&
    made?.kind === 'allocation' &&
    made.allocation.row.role !== 'realloc'
  );
}

/**
 * What a call out of view gave cannot be a block that nobody else has seen. Neither can a global that is
 * read after such a call: `environ` is no array that was lent to posix_spawn().
 */
function isForeign(state: State, block: Value, other: Value): boolean {
  if (block.kind !== 'ref' || other.kind !== 'ref') return false;
  if (/^\?\(g:\w+\)@/.test(other.id)) {
    return state.isPrivate(block.id) || isBorrowed(state, block.id);
  }
  return state.isPrivate(block.id) && /^call\d/.test(other.id);
}
