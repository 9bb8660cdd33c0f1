// The result of a replay: frames that can be visited forward and back, and how it ended.
import type { BlockId, FlaggedPath } from './flagged-path.ts';
import type { OperandName } from './fault.ts';
import type { Target } from './target.ts';
import type { Address, Footprint, HeapView } from './view.ts';

/** What the simulated process died of. */
export interface Fault {
  readonly signal: 'SIGABRT' | 'SIGSEGV';
  /** Everything the real process would have written to standard error, without a label. */
  readonly text: string;
  /** The invariant that was found broken, as one sentence with the operands. */
  readonly reason: string;
  /** What the check read, whose it is and since when; null where no bytes tell more than the reason. */
  readonly evidence: Evidence | null;
}

/** Why a check fired. */
export interface Evidence {
  /** One or two clauses, complete: what was read as what, whose bytes they are, what they hold. */
  readonly plain: string;
  /** What must hold, as a sentence. */
  readonly invariant: string;
  /** Index of the frame whose step broke it first, 0-based; the dying frame itself where the call did. */
  readonly brokenBy: number;
  /** In the order in which they were judged. */
  readonly operands: readonly {
    readonly name: OperandName;
    readonly address: Address;
    /** As they lie in memory; empty when not mapped. */
    readonly bytes: readonly number[];
    readonly belongsTo: string;
  }[];
}

export interface Frame {
  readonly kind: 'start' | 'step' | 'aftermath';
  /** Index into path.steps, 0-based; null for `start` and `aftermath`. */
  readonly step: number | null;
  /** One line: what happens, `PyMem_Free(buf): 0x55…2a0 goes into tcache bin 1`. */
  readonly title: string;
  /** What the allocators did and checked, a sentence each. */
  readonly notes: readonly string[];
  readonly fault: Fault | null;
}

/** Set from the worst that was seen; in this order. */
export type Verdict =
  /** dies at the flagged step */
  | 'crash'
  /** the flagged step passes; a later step or an innocent allocation dies */
  | 'crash-later'
  /** nothing dies, and two live blocks share bytes */
  | 'overlap'
  /** nothing dies and no block is shared: the release went to the wrong allocator unnoticed */
  | 'silent'
  /** every call is in order, and a live block is left to which there is no pointer */
  | 'leak'
  /** nothing is wrong: a repaired path */
  | 'clean';

/** What became of the simulated process. */
export type Ending =
  /** it did everything there was to do */
  | 'ran on'
  | 'died'
  /** it spins in an endless loop */
  | 'hung'
  /** what it does depends on memory that is not modelled */
  | 'unknown';

export interface Outcome {
  readonly verdict: Verdict;
  readonly ending: Ending;
  /** Index of the frame where it shows, 0-based. */
  readonly frame: number;
  readonly fault: Fault | null;
  /** Live blocks that share bytes at the end. */
  readonly overlaps: readonly (readonly [BlockId, BlockId])[];
  /** One line for a list. */
  readonly summary: string;
}

export interface GoingOn {
  /** Done after the aftermath. */
  readonly actions: number;
  readonly shows: 'death' | 'overlap' | 'nothing';
  /** What it died of; null where it did not. */
  readonly fault: Fault | null;
  /** The last action: `PyMem_Malloc(24)`. */
  readonly at: string;
  /** A sentence. */
  readonly text: string;
}

export interface Timeline {
  readonly target: Target;
  /** `simulated: CPython 3.11, release build, glibc 2.36 (model 1)`. Every text that leaves the product carries it. */
  readonly model: string;
  readonly path: FlaggedPath;
  readonly frames: readonly Frame[];
  readonly outcome: Outcome;
  /** What the replay assumes, a sentence each: chosen sizes, heap state at the start, the aftermath. */
  readonly assumptions: readonly string[];
  /** The heap after frame `index` (0-based). Any order; throws RangeError outside the timeline. */
  view(index: number): HeapView;
  /**
   * What comes of it when the process goes on until it shows, past the aftermath; null where it has died, or
   * where all was in order.
   */
  goingOn(): GoingOn | null;
  /** Of every frame, in their order: for a chart. */
  footprints(): readonly Footprint[];
  /** Memory after frame `index`; null stands for a byte that is not mapped. Throws as `view` does. */
  peek(index: number, address: number, length: number): readonly (number | null)[];
}
