// The heap of ptmalloc as a reader sees it: chunks and free lists, walked without ever throwing. Reads
// memory only; what is implausible is described, not judged.

export interface Chunk {
  /** Of the header (prev_size). The user pointer is 16 more. */
  readonly address: number;
  /** Bytes to the next header. For an implausible size word: all that is left of the heap. */
  readonly size: number;
  /** The size word as stored, flags included. */
  readonly sizeWord: bigint;
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
