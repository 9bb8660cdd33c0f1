// The heap of ptmalloc as a reader sees it: chunks and free lists, walked without ever throwing. Reads
// memory only; what is implausible is described, not judged.
import { add, hex, type Word } from '../word.ts';
import { binAt, fastbin, NBINS, NFASTBINS, top } from './arena.ts';
import { inSmallbinRange } from './bins.ts';
import {
  CHUNK_HDR_SZ,
  describeSizeWord,
  FD,
  isMisaligned,
  MINSIZE,
  withoutFlags,
} from './chunk.ts';
import type { Ptmalloc } from './ptmalloc.ts';
import { binChunkSize, tcacheHead, tcacheNext } from './tcache.ts';

export interface Chunk {
  /** Of the header (prev_size). The user pointer is 16 more. */
  readonly address: number;
  /** Bytes to the next header. For an implausible size word: all that is left before top. */
  readonly size: number;
  /** The size word as stored, flags included. */
  readonly sizeWord: Word;
  readonly kind: 'used' | 'tcache' | 'fastbin' | 'bin' | 'top' | 'tcache-struct';
  /** Why the size word cannot be right; null when it is plausible. */
  readonly corrupt: string | null;
}

export interface FreeList {
  /** `tcache bin 1 (48 bytes)`, `fastbin 0 (32 bytes)`, `unsorted bin`, `small bin 5`, `large bin 67`. */
  readonly name: string;
  readonly kind: 'tcache' | 'fastbin' | 'bin' | 'pool';
  /** User pointers (chunk + 16 for ptmalloc, blocks for pymalloc), next to be handed out first. */
  readonly entries: readonly number[];
  /** Why the list cannot be followed further; null when it ends as it should. */
  readonly corrupt: string | null;
}

export interface Mapping {
  /** First byte of the mapping, which is also the chunk header. */
  readonly address: number;
  readonly size: number;
}

const LONGEST_WALK = 10_000;

export function chunks(libc: Ptmalloc, lists: readonly FreeList[]): readonly Chunk[] {
  const { memory, mp } = libc;
  if (mp.sbrk_base === 0) return [];
  const kinds = new Map<number, Chunk['kind']>();
  for (const list of lists)
    if (list.kind !== 'pool') for (const entry of list.entries) kinds.set(entry, list.kind);
  if (libc.tcache !== 0) kinds.set(Number(libc.tcache), 'tcache-struct');

  const found: Chunk[] = [];
  const topChunk = Number(top(memory, libc.mainArena));
  const end = libc.kernel.brk;
  let address = Number(mp.sbrk_base);
  while (address < end && found.length < LONGEST_WALK) {
    const isTop = address === topChunk;
    const limit = !isTop && address < topChunk && topChunk < end ? topChunk : end;
    const sizeWord = memory.isMapped(address + 8) ? memory.u64(address + 8) : 0;
    const corrupt = implausible(sizeWord, limit - address);
    const size = corrupt === null ? Number(withoutFlags(sizeWord)) : limit - address;
    const kind = isTop ? 'top' : (kinds.get(address + CHUNK_HDR_SZ) ?? 'used');
    found.push({ address, size, sizeWord, kind, corrupt });
    address += size;
  }
  return found;
}

function implausible(sizeWord: Word, room: number): string | null {
  const size = withoutFlags(sizeWord);
  if (size < MINSIZE || isMisaligned(size))
    return `the size word is ${describeSizeWord(sizeWord)}; a chunk has at least 32 bytes and a multiple of 16`;
  if (size > room)
    return `the size word is ${describeSizeWord(sizeWord)}; only ${room} bytes are left in this part of the heap`;
  return null;
}

/** Those that are not empty. */
export function freeLists(libc: Ptmalloc): readonly FreeList[] {
  if (!libc.isInitialized) return [];
  return [...tcacheLists(libc), ...fastbinLists(libc), ...binLists(libc)];
}

function tcacheLists(libc: Ptmalloc): readonly FreeList[] {
  const lists: FreeList[] = [];
  if (libc.tcache === 0) return lists;
  for (let bin = 0; bin < libc.glibc.TCACHE_MAX_BINS; bin++) {
    const first = libc.memory.u64(tcacheHead(libc, bin));
    if (first === 0) continue;
    lists.push(
      walk(libc, {
        name: `tcache bin ${bin} (${binChunkSize(bin)} bytes)`,
        kind: 'tcache',
        first,
        end: 0,
        next: (entry) => tcacheNext(libc, entry),
        userOffset: 0,
      }),
    );
  }
  return lists;
}

function fastbinLists(libc: Ptmalloc): readonly FreeList[] {
  const { memory } = libc;
  const lists: FreeList[] = [];
  for (let index = 0; index < NFASTBINS; index++) {
    const first = memory.u64(fastbin(libc.mainArena, index));
    if (first === 0) continue;
    lists.push(
      walk(libc, {
        name: `fastbin ${index} (${binChunkSize(index)} bytes)`,
        kind: 'fastbin',
        first,
        end: 0,
        next: (p) => libc.mangle(add(p, FD), memory.u64(add(p, FD))),
        userOffset: CHUNK_HDR_SZ,
      }),
    );
  }
  return lists;
}

function binLists(libc: Ptmalloc): readonly FreeList[] {
  const { memory, mainArena } = libc;
  const lists: FreeList[] = [];
  for (let index = 1; index < NBINS; index++) {
    const head = binAt(mainArena, index);
    const first = memory.u64(add(head, FD));
    if (first === head) continue;
    lists.push(
      walk(libc, {
        name: binName(index),
        kind: 'bin',
        first,
        end: head,
        next: (p) => memory.u64(add(p, FD)),
        userOffset: CHUNK_HDR_SZ,
      }),
    );
  }
  return lists;
}

function binName(index: number): string {
  if (index === 1) return 'unsorted bin';
  return inSmallbinRange(index * 16)
    ? `small bin ${index} (${index * 16} bytes)`
    : `large bin ${index}`;
}

interface Walk {
  readonly name: string;
  readonly kind: FreeList['kind'];
  readonly first: Word;
  readonly end: Word;
  readonly next: (entry: Word) => Word;
  /** From a list entry to the user pointer. */
  readonly userOffset: Word;
}

function walk(libc: Ptmalloc, list: Walk): FreeList {
  const entries: number[] = [];
  const seen = new Set<Word>();
  const result = (corrupt: string | null): FreeList => ({
    name: list.name,
    kind: list.kind,
    entries,
    corrupt,
  });
  for (let entry = list.first; entry !== list.end; entry = list.next(entry)) {
    if (seen.has(entry)) return result(`${hex(entry)} is on the list twice`);
    if (!libc.memory.isMapped(entry) || !libc.memory.isMapped(add(add(entry, FD), 7)))
      return result(`the list leads to ${hex(entry)}, which is not mapped`);
    seen.add(entry);
    entries.push(Number(add(entry, list.userOffset)));
  }
  return result(null);
}

export function mappings(libc: Ptmalloc): readonly Mapping[] {
  return [...libc.mapped]
    .map(([chunk, size]) => ({ address: Number(chunk), size: Number(size) }))
    .toSorted((a, b) => a.address - b.address);
}
