// Who serves an address: read from the allocators' structures, without ever throwing. Knows no process.
import type { Memory } from './memory.ts';
import type { Chunk, Mapping } from './ptmalloc/layout.ts';
import { addressInRange } from './pymalloc/address-in-range.ts';
import { readPool } from './pymalloc/layout.ts';
import { POOL_OVERHEAD, type Pymalloc } from './pymalloc/pymalloc.ts';

export interface Server {
  readonly allocator: 'ptmalloc' | 'pymalloc' | 'mmap' | 'none';
  /** First byte a caller may use of the block that holds the address; the address itself for `none`. */
  readonly block: number;
  /** Bytes from `block` that belong to it. */
  readonly usable: number;
}

interface Allocators {
  readonly memory: Memory;
  readonly pymalloc: Pymalloc | null;
  chunks(): readonly Chunk[];
  mappings(): readonly Mapping[];
}

const CHUNK_HEADER = 16;

export function whoServes(process: Allocators, address: number): Server {
  return (
    inPool(process, address) ??
    inMapping(process, address) ??
    inHeap(process, address) ?? { allocator: 'none', block: address, usable: 0 }
  );
}

function inPool({ memory, pymalloc }: Allocators, address: number): Server | null {
  if (pymalloc === null || !memory.isMapped(address)) return null;
  if (!addressInRange(pymalloc, address)) return null;
  const pool = Number(pymalloc.poolAddress(address));
  if (!memory.isMapped(pool)) return null;
  const { blockSize } = readPool(pymalloc, pool, 0);
  const offset = address - pool - POOL_OVERHEAD;
  if (blockSize === 0 || offset < 0) return { allocator: 'pymalloc', block: address, usable: 0 };
  return { allocator: 'pymalloc', block: address - (offset % blockSize), usable: blockSize };
}

function inMapping(process: Allocators, address: number): Server | null {
  const mapping = process
    .mappings()
    .find((range) => range.address <= address && address < range.address + range.size);
  if (mapping === undefined) return null;
  const block = mapping.address + CHUNK_HEADER;
  return { allocator: 'mmap', block, usable: mapping.size - CHUNK_HEADER };
}

function inHeap(process: Allocators, address: number): Server | null {
  // The user's part of a chunk runs into the next header's prev_size.
  const user = address - CHUNK_HEADER;
  const chunk = process
    .chunks()
    .find((other) => other.address <= user && user < other.address + other.size);
  if (chunk === undefined || chunk.kind === 'top') return null;
  return { allocator: 'ptmalloc', block: chunk.address + CHUNK_HEADER, usable: chunk.size - 8 };
}
