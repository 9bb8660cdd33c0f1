// The pages about rules as documents of their own scheme, for readers without a network.
import { ruleMarkdown } from '../cli/rule-page.ts';
import { didYouMean } from '../nearest-name.ts';
import { RULES } from '../rules/index.ts';
import { SUPPRESSION_RULES } from '../suppressions/suppression-rules.ts';

/** Markdown of `pymem-lint-rule:/<id>.md`; says so where there is no such rule. */
export function rulePage(uri: string): string {
  const id = /([\w-]+)\.md$/.exec(uri)?.[1] ?? '';
  const rules = [...RULES, ...SUPPRESSION_RULES];
  const rule = rules.find((each) => each.id === id);
  if (rule !== undefined) return ruleMarkdown(rule);
  const ids = rules.map((each) => each.id);
  return `# There is no rule '${id}'\n\n${didYouMean(id, ids)}\n\nThere are ${ids.join(', ')}.\n`;
}
