// `pymem-lint rule`: the documentation of one rule, of all of them, or the list.
import type { RuleDocs } from '../rules/rule.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { ruleNamed } from './known-rule.ts';
import { ruleList, ruleText } from './rule-page.ts';
import type { Terminal } from './terminal.ts';

export interface RuleOptions {
  /** null: the list, or every page with `all`. */
  readonly name: string | null;
  readonly all: boolean;
}

export function ruleCommand(
  options: RuleOptions,
  rules: readonly RuleDocs[],
  { out }: Terminal,
): ExitCode {
  const { name, all } = options;
  if (name === null) {
    const pages = rules.map((rule) => ruleText(rule, out.colors));
    out.write(all ? pages.join('\n') : ruleList(rules, out.colors));
    return EXIT.clean;
  }
  out.write(ruleText(ruleNamed(name, rules), out.colors));
  return EXIT.clean;
}
