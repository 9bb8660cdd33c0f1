// What a rule is: its documentation, its examples (which are tests) and its check.
import type { FlowEvent } from '../flow/events.ts';
import type { Confidence, Severity } from '../finding.ts';

/** C source of an example. Bad ones carry `// expect: rule-id` on the line of the report. */
export type Example = string;

export interface RuleDocs {
  /** Kebab-case defect noun: `mismatched-free`. */
  readonly id: string;
  readonly severity: Severity;
  /** Only for those who select it: what it reports is legal. Without it: on. */
  readonly isOffByDefault?: true;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  /** Markdown: what goes wrong and what is seen of it on real builds. */
  readonly why: string;
  /** Markdown: what to write instead. */
  readonly fix: string;
  /** Markdown: where a finding has no fix that could be right, and why. Without it: each bad example has one. */
  readonly noFix?: string;
  /** Where the claim comes from: documentation pages, headers, source files. */
  readonly references: readonly string[];
  /**
   * What a replay of a bad example shows. fault: on some build the process dies, blocks overlap, or a call
   * breaks a rule of the C API. leak: a live block is left to which there is no pointer. nothing: the
   * defect is none of the heap.
   */
  readonly observed: 'fault' | 'leak' | 'nothing';
  readonly bad: readonly Example[];
  readonly good: readonly Example[];
}

/** What a rule says about an event. */
export interface Report {
  /** One line, complete in itself. */
  readonly message: string;
  /** The function that should be called instead; null: none can be put in its place. */
  readonly replacement: string | null;
  readonly confidence: Confidence;
}

export interface Rule extends RuleDocs {
  /**
   * Held against code that a program wrote, too. Nobody edits that: of interest is what the author's own
   * source can cause, memory handed to the wrong release.
   */
  readonly inGenerated?: true;
  /** null: nothing to say. */
  check(event: FlowEvent): Report | null;
}
