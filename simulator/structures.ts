// What the allocators hold at one recorded moment, walked once however often it is asked for. Only for
// worlds that no longer change: the recorded ones.
import type { Chunk, FreeList } from './ptmalloc/layout.ts';
import type { Pool } from './pymalloc/layout.ts';
import { remembered } from './remembered.ts';
import { type Server, whoServes } from './server-of-address.ts';
import type { World } from './world.ts';

export interface Structures {
  readonly chunks: readonly Chunk[];
  readonly freeLists: readonly FreeList[];
  readonly pools: readonly Pool[];
  /** Who serves an address. */
  readonly serves: (address: number) => Server;
}

const walked = new WeakMap<World['process'], Structures>();

export function structuresOf({ process }: World): Structures {
  const known = walked.get(process);
  if (known !== undefined) return known;
  const [chunks, mappings] = [process.chunks(), process.mappings()];
  const allocators = {
    memory: process.memory,
    pymalloc: process.pymalloc,
    chunks: () => chunks,
    mappings: () => mappings,
  };
  const structures = {
    chunks,
    freeLists: process.freeLists(),
    pools: process.pools(),
    serves: remembered((address: number) => whoServes(allocators, address)),
  };
  walked.set(process, structures);
  return structures;
}
