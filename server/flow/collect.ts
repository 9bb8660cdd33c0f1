// What a path has lost sight of: blocks that nothing holds any more, what was in them, and what is known of
// values that no cell can lead to again.
import type { Frame } from './frame.ts';
import { keeperOf } from './lending.ts';
import { callOf, noteLoss } from './ownership.ts';
import type { State } from './state.ts';
import { type AccessPath, type CellKey, type Id, UNKNOWN } from './value.ts';

/** `list->head`: beyond, the states of a loop over a list would not end. */
const MAX_TOLD_STEPS = 2;

/** Forgets what cannot matter to the rest of the path. */
export function collect(frame: Frame, state: State): void {
  const held = collectBlocks(frame, state);
  // Most of the time there is nothing to forget.
  let calls: ReadonlySet<string> | null = null;
  for (const known of [state.escaped, state.versions]) {
    for (const id of known.keys()) {
      if (held.has(id) || mayReturn(frame, state, id)) continue;
      if (state.heap.size > 0) {
        // The blocks that one call gave go together.
        calls ??= new Set(Array.from(state.heap.keys(), callOf));
        if (calls.has(callOf(id))) continue;
      }
      known.delete(id);
    }
  }
}

/** Gives what cells hold. */
function collectBlocks(frame: Frame, state: State): ReadonlySet<Id> {
  const held = new Set<Id>();
  for (let again = true; again; ) {
    again = false;
    held.clear();
    const dereferenced: CellKey[] = [];
    state.cells.forEach((value, cell) => {
      if (value.kind === 'ref') held.add(value.id);
      else if (value.kind === 'address') held.add(frame.factsOf(value.cell).root);
      if (cell.startsWith('*')) dereferenced.push(cell);
    });
    for (const cell of dereferenced) {
      const { path, root } = frame.factsOf(cell);
      // The caller still sees what its own memory holds.
      if (path !== null || held.has(root)) continue;
      // Whoever has the block has what is in it.
      if (state.escaped.has(root)) state.escape(state.cells.get(cell) ?? UNKNOWN);
      state.cells.delete(cell);
      again = true;
    }
    for (const id of state.heap.keys()) {
      if (held.has(id) || isKept(state, held, id)) continue;
      const ended = endedPath(frame, state, id);
      if (ended !== null) {
        if (ended.steps.length <= MAX_TOLD_STEPS) continue;
        // The caller is told only that anything may have become of the block and of what that leads to.
        state.escaped.set(id, true);
      }
      noteLoss(frame, state, id);
      frame.lending.noteKept(state, id);
      state.heap.delete(id);
      state.unchecked.delete(id);
    }
  }
  return held;
}

/** An object that is held keeps the pointer to a block that was released. */
function isKept(state: State, held: ReadonlySet<Id>, id: Id): boolean {
  const escape = state.isFreed(id) ? state.escaped.get(id) : undefined;
  return escape !== undefined && held.has(keeperOf(escape) ?? '');
}

/** Where the caller had a block that has come to its end, of which it has to be told; null: not such a block. */
function endedPath(frame: Frame, state: State, id: Id): AccessPath | null {
  const origin = frame.origins.get(id);
  return origin?.kind === 'initial' && state.isFreed(id) ? origin.path : null;
}

/** Whether a value that no cell holds can be read again, or its name is the name of a cell. */
function mayReturn(frame: Frame, state: State, id: Id): boolean {
  const origin = frame.origins.get(id);
  if (origin === undefined) return true;
  if (origin.kind !== 'initial') return false;
  // After a change of the memory that it was in, that is read under another name; and the caller is told of
  // the change, which takes in all that the memory led to.
  const root = frame.rootOfInitial(id);
  return root === undefined || root === 'g:' || !state.versions.has(root);
}
