// Who serves an address: read from the allocators' structures, without ever throwing. Knows no process.
import type { Memory } from './memory.ts';
import { CHUNK_HDR_SZ } from './ptmalloc/chunk.ts';
import type { Chunk, Mapping } from './ptmalloc/layout.ts';
import { addressInRange } from './pymalloc/address-in-range.ts';
import { blockSizeOf } from './pymalloc/layout.ts';
import { POOL_OVERHEAD, type Pymalloc } from './pymalloc/pymalloc.ts';

export interface Server {
  readonly allocator: 'ptmalloc' | 'pymalloc' | 'mmap' | 'none';
  /** First byte a caller may use of the block that holds the address; the address itself for `none`. */
  readonly block: number;
  /** Bytes from `block` that belong to it. */
  readonly usable: number;
}

export interface Allocators {
  readonly memory: Memory;
  readonly pymalloc: Pymalloc | null;
  readonly chunks: () => readonly Chunk[];
  readonly mappings: () => readonly Mapping[];
}

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
  const blockSize = blockSizeOf(pymalloc, pool);
  const offset = address - pool - POOL_OVERHEAD;
  if (blockSize === 0 || offset < 0) return { allocator: 'pymalloc', block: address, usable: 0 };
  return { allocator: 'pymalloc', block: address - (offset % blockSize), usable: blockSize };
}

function inMapping(process: Allocators, address: number): Server | null {
  const mapping = process
    .mappings()
    .find((range) => range.address <= address && address < range.address + range.size);
  if (mapping === undefined) return null;
  const block = mapping.address + CHUNK_HDR_SZ;
  return { allocator: 'mmap', block, usable: mapping.size - CHUNK_HDR_SZ };
}

function inHeap(process: Allocators, address: number): Server | null {
  // The user's part of a chunk runs into the next header's prev_size.
  const user = address - CHUNK_HDR_SZ;
  const chunk = process
    .chunks()
    .find((other) => other.address <= user && user < other.address + other.size);
  if (chunk === undefined || chunk.kind === 'top') return null;
  return { allocator: 'ptmalloc', block: chunk.address + CHUNK_HDR_SZ, usable: chunk.size - 8 };
}
