// The findings that a crash text may be about: of the rules that its reports name, first those whose simulated crash
// says the same.
import type { Decoded } from '../simulator/decode.ts';
import type { FlaggedPath } from '../simulator/flagged-path.ts';
import { usualPython, usualTargets } from '../simulator/target.ts';
import { verdictOf } from '../simulator/verdict.ts';
import { endWords } from '../simulator/verdict-words.ts';
import { type ShownFinding, shownFindings } from './finding-lookup.ts';

export interface Candidate {
  readonly finding: ShownFinding;
  /** On the release or the debug build of the usual Python. */
  readonly saysTheSame: boolean;
}

const MOST_CANDIDATES = 12;
/** Replays while the reader waits. */
const MOST_REPLAYS = 8;
const MOST_STEPS = 400;
const TARGETS = usualTargets(usualPython(null));

export function candidatesFor(reports: readonly Decoded[]): readonly Candidate[] {
  const rules = new Set(reports.flatMap((report) => report.rules));
  const texts = reports.map(({ quoted }) => quoted);
  return shownFindings()
    .filter(({ path }) => rules.has(path.rule))
    .map((finding, index) => {
      return { finding, saysTheSame: index < MOST_REPLAYS && says(finding.path, texts) };
    })
    .toSorted((left, right) => Number(right.saysTheSame) - Number(left.saysTheSame))
    .slice(0, MOST_CANDIDATES);
}

function says(path: FlaggedPath, texts: readonly string[]): boolean {
  if (path.steps.length > MOST_STEPS) return false;
  try {
    const ends = verdictOf(path, TARGETS).rows.flatMap(({ end, others }) => [end, ...others]);
    const words = ends.map(endWords);
    return texts.some((text) => words.some((each) => each.includes(text)));
  } catch {
    // A path that cannot be replayed says nothing.
    return false;
  }
}
