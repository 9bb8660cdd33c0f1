// What the allocators hold at one recorded moment, walked once however often it is asked for. Only for
// worlds that no longer change: the recorded ones.
import type { Chunk, FreeList } from './ptmalloc/layout.ts';
import type { Pool } from './pymalloc/layout.ts';
import type { World } from './world.ts';

export interface Structures {
  readonly chunks: readonly Chunk[];
  readonly freeLists: readonly FreeList[];
  readonly pools: readonly Pool[];
}

const walked = new WeakMap<World['process'], Structures>();

export function structuresOf({ process }: World): Structures {
  const known = walked.get(process);
  if (known !== undefined) return known;
  const structures = {
    chunks: process.chunks(),
    freeLists: process.freeLists(),
    pools: process.pools(),
  };
  walked.set(process, structures);
  return structures;
}
