// Pointers to memory that no allocator handed out, or that lies inside a block: locals, globals, literals,
// members. Knows nothing of what is wrong with releasing them.
import { type Subject, subjectAtStart } from './events.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { CellKey, Origin, Value } from './value.ts';
import { sourceName } from '../cfg/scope.ts';

type StorageOrigin = Origin & { readonly kind: 'storage' };

/** What an address or a literal refers to; null: not known, or the start of a block. */
export function subjectOfPlace(frame: Frame, state: State, value: Value): Subject | null {
  if (value.kind === 'text') {
    return ofStorage(value.text, { kind: 'storage', storage: 'literal', name: '', at: null });
  }
  if (value.kind !== 'address') return null;
  const { cell } = value;
  const { root, isLocal } = frame.factsOf(cell);
  if (cell.startsWith('*')) {
    // Incomplete: a member of a block that has been released.
    if (!frame.insideCells.has(cell) || state.isFreed(root)) return null;
    const origin = frame.origins.get(root) ?? null;
    return { id: root, origin, interior: true, inside: true, freedBy: null };
  }
  const global = /^g:(.*)$/.exec(cell)?.[1];
  if (global !== undefined) {
    // A static local carries the name of its function.
    const own = `${frame.cfg.name}.`;
    const name = global.startsWith(own) ? global.slice(own.length) : global;
    return ofStorage(cell, { kind: 'storage', storage: 'static', name, at: null });
  }
  if (!isLocal) return null;
  const local = /^[^.]*/.exec(cell)![0];
  const at = declarationOf(frame, local);
  const isOurs = at !== null || cell.startsWith('stack ');
  const name = cell.startsWith('stack ') ? '' : sourceName(cell);
  return isOurs ? ofStorage(cell, { kind: 'storage', storage: 'stack', name, at }) : null;
}

function ofStorage(key: CellKey, origin: StorageOrigin): Subject {
  return subjectAtStart(`&${key}`, origin, null);
}

function declarationOf(frame: Frame, local: string): StorageOrigin['at'] {
  const { cfg } = frame;
  for (const block of cfg.blocks) {
    for (const instruction of block.instructions) {
      if (instruction.op === 'declare' && instruction.local === local) return instruction.at;
    }
  }
  return cfg.parameters.find((p) => p.local === local)?.at ?? null;
}
