// How far Lint Workspace has come: a percentage, and words for the status bar.
import type { Progress } from '../check.ts';

/** Of one folder. */
export type LintProgress =
  | Progress
  | { readonly phase: 'read'; readonly done: number; readonly of: number };

/** Where a phase begins and ends, as parts of what a folder takes. */
const PHASES = { read: [0, 0.3], parse: [0.3, 0.6], explore: [0.6, 1] } as const;

/** From 0 to 1. */
export function shareDone({ phase, done, of }: LintProgress): number {
  const [start, end] = PHASES[phase];
  return start + (end - start) * (of === 0 ? 1 : done / of);
}

/** `before`: files of the folders before this one; `total`: of all folders. */
export function progressWords(
  { phase, done, of }: LintProgress,
  { before, total }: { readonly before: number; readonly total: number },
): string {
  switch (phase) {
    case 'read':
      return `Reading ${before + done} of ${total} files`;
    case 'parse':
      return `Parsing ${done} of ${of} files`;
    case 'explore':
      return `Checking ${done} of at most ${of} functions`;
  }
}
