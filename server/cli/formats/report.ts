// What one run of `check` hands to an output format: the findings and what is needed to show them.
// A format is a pure function of this value.
import type { CheckStats, Skipped } from '../../check.ts';
import type { Finding } from '../../finding.ts';
import type { RuleDocs } from '../../rules/rule.ts';
import type { SourceLines } from '../source-lines.ts';
import type { PageBundles } from '../page-bundles.ts';
import type { Colors } from '../terminal.ts';

export interface Report {
  readonly findings: readonly Finding[];
  /** What is found and not told: for formats that have a place for it. */
  readonly suppressed: readonly SuppressedFinding[];
  readonly skipped: readonly Skipped[];
  readonly stats: CheckStats;
  readonly linesOf: SourceLines;
  readonly rules: readonly RuleDocs[];
  readonly version: string;
  /** What `replay` is to be given to show one of the findings; null: none of them can be shown so. */
  readonly replayPlace: string | null;
  /** Absolute; what relative names start from. */
  readonly cwd: string;
}

export interface SuppressedFinding {
  readonly finding: Finding;
  /** Empty: none was given. */
  readonly reason: string;
  readonly by: 'comment' | 'baseline';
}

export interface FormatOptions {
  readonly colors: Colors;
  /** Cells of the terminal; null: it goes elsewhere. */
  readonly columns: number | null;
  /** Leave out everything but findings. */
  readonly isQuiet: boolean;
  /** Say how each finding ends on simulated targets. */
  readonly withVerdict: boolean;
  /** For formats that are pages. Throws UsageError when they are not built. */
  readonly page: () => PageBundles;
}

/** Ends with a line break, or is empty. */
export type Format = (report: Report, options: FormatOptions) => string;
