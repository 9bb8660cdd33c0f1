// What the linter says: one finding, complete in itself.
import type { FlaggedPath, Span } from '../simulator/flagged-path.ts';

export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * definite: a feasible path shows both ends. likely: all writes to the place agree and the release
 * differs. possible: some writes differ.
 */
export const CONFIDENCES = ['definite', 'likely', 'possible'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** One thing that happened on the way to the fault, for the reader. */
export interface PathNote {
  readonly kind: 'alloc' | 'branch' | 'enter' | 'leave' | 'assign' | 'free' | 'use' | 'escape';
  readonly at: Span;
  readonly message: string;
}

export interface Edit {
  readonly at: Span;
  readonly newText: string;
}

export interface Fix {
  /** An imperative: `Release with PyMem_Free`. */
  readonly title: string;
  readonly edits: readonly Edit[];
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly at: Span;
  /** One line, complete in itself. */
  readonly message: string;
  /** In the order of execution; the last one is at `at`. */
  readonly path: readonly PathNote[];
  readonly flaggedPath: FlaggedPath;
  readonly fixes: readonly Fix[];
}
