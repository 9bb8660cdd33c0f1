// What the linter says: one finding, complete in itself.
import type { FlaggedPath, Span } from '../simulator/flagged-path.ts';

export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * How sure a finding is that its allocation and its release meet.
 * definite: one feasible path shows both. likely: they are in different functions and meet at a field, an
 * element or a global; no store to it fits the release, or a destructor releases whatever was stored.
 * possible: some stores fit, and which one the release meets is not known.
 */
export const CONFIDENCES = ['definite', 'likely', 'possible'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** One thing that happened on the way to the fault, for the reader. */
export interface PathNote {
  /** What the step does to the block or the thread state, or that the path goes another way there. */
  readonly kind:
    | 'alloc'
    | 'branch'
    | 'enter'
    | 'leave'
    | 'assign'
    | 'free'
    | 'use'
    | 'return'
    | 'escape'
    | 'lost'
    | 'thread';
  readonly at: Span;
  readonly message: string;
  /** How many calls deep, from the outermost function of the path. What follows an `enter` is one deeper. */
  readonly depth: number;
}

/** `at` is replaced; an empty `newText` deletes. */
export interface Edit {
  readonly at: Span;
  readonly newText: string;
}

export interface Fix {
  /** An imperative: `Release with PyMem_Free`. */
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Nothing else in the program can tell the difference, but for the defect. */
  readonly isSafe: boolean;
  /** The flagged path as it runs once the fix is applied; null: it cannot be told from here. */
  readonly path: FlaggedPath | null;
}

export interface Finding {
  /** The id of the rule: `double-free`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** The call or the use that is wrong; not the allocation. */
  readonly at: Span;
  /** One line, complete in itself. */
  readonly message: string;
  /** In the order of execution; the last one is at `at`. */
  readonly path: readonly PathNote[];
  /** The same path for the simulator, complete without the source. */
  readonly flaggedPath: FlaggedPath;
  /** Each is enough by itself; none where no one function is right. */
  readonly fixes: readonly Fix[];
}
