// The rules about suppressions themselves. No event of the analysis leads to them.
import type { RuleDocs } from '../rules/rule.ts';

export const unusedSuppression: RuleDocs = {
  id: 'unused-suppression',
  severity: 'warning',
  summary: 'a comment suppresses a finding that is not there',
  why: `A suppression that suppresses nothing hides the next defect on its line. It is left over from code
that was repaired or moved, or names a rule that does not exist. It is reported when whole folders are
checked: what a finding needs may lie in a file that was not named.`,
  fix: 'Remove the comment; its quick fix does.',
  references: ['docs/suppressions.md'],
  observed: 'nothing',
  bad: [],
  good: [],
};

export const suppressionWithoutReason: RuleDocs = {
  id: 'suppression-without-reason',
  severity: 'warning',
  summary: 'a comment suppresses a finding and does not say why',
  why: 'Asked for by `require-reason = true`: who reads the code later must be able to tell whether the reason still holds.',
  fix: 'Say it behind the brackets: `/* pymem-lint: ignore[double-free] the first call failed */`.',
  references: ['docs/suppressions.md'],
  observed: 'nothing',
  bad: [],
  good: [],
};

export const SUPPRESSION_RULES: readonly RuleDocs[] = [unusedSuppression, suppressionWithoutReason];
