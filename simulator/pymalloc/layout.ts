// The pools of pymalloc as a reader sees them, walked without ever throwing. Reads memory only.

export interface PoolBlock {
  readonly address: number;
  /** `uncarved`: never handed out since the pool took this size class. */
  readonly state: 'used' | 'free' | 'uncarved';
}

export interface Pool {
  readonly address: number;
  /** Base of the arena that holds the pool. */
  readonly arena: number;
  /** Size class index; 0xffff before the pool has one. */
  readonly szidx: number;
  /** Bytes per block; 0 when szidx is implausible. */
  readonly blockSize: number;
  /** ref.count: blocks handed out, as the header says. */
  readonly count: number;
  readonly nextoffset: number;
  readonly maxnextoffset: number;
  readonly blocks: readonly PoolBlock[];
  /** The free list, next to be handed out first. */
  readonly freeList: readonly number[];
  /** Why the header or the free list cannot be right; null when plausible. */
  readonly corrupt: string | null;
}
