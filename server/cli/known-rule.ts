// Names of rules that a user typed: a rule, or the one sentence about a name that is none.
import { didYouMean } from '../nearest-name.ts';
import type { RuleDocs } from '../rules/rule.ts';
import { UsageError } from './exit.ts';

/** Throws UsageError for a name that is no rule. */
export function ruleNamed(name: string, rules: readonly RuleDocs[]): RuleDocs {
  const rule = rules.find(({ id }) => id === name);
  if (rule !== undefined) return rule;
  throw unknownRule(
    name,
    rules.map(({ id }) => id),
  );
}

/** The error about a name that is none of these rules and groups: the nearest of them, or all. */
export function unknownRule(name: string, known: readonly string[]): UsageError {
  const near = didYouMean(name, known) || ` There are ${known.join(', ')}.`;
  return new UsageError(`there is no rule '${name}'.${near}`);
}
