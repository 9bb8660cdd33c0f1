// The tool `explain`: a rule's page, or a finding with its path in the source and the page of its rule.
import * as v from 'valibot';
import { UsageError } from '../cli/exit.ts';
import { ruleNamed } from '../cli/known-rule.ts';
import { ruleMarkdown } from '../cli/rule-page.ts';
import { findingArguments, path, placeOf, ruleName, subjectOf, textInstead } from './arguments.ts';
import { defineTool, type Tool } from './tool.ts';
import { toldFinding } from './told-finding.ts';
import type { Workspace } from './workspace.ts';

const input = v.strictObject({
  ...findingArguments,
  file: v.optional(
    v.pipe(path, v.description('The file of a finding, relative to the working folder.')),
  ),
  rule: v.optional(ruleName),
  text: textInstead,
});

export function explainTool(workspace: Workspace): Tool {
  const { rules } = workspace.product;
  const pageOf = (name: string): string => ruleMarkdown(ruleNamed(name, rules));
  return defineTool({
    name: 'explain',
    title: 'Explain a rule or a finding',
    description:
      "With 'rule' alone: why the pattern is wrong, what to write instead, examples. With 'file' (and 'line'): the " +
      'finding there, step by step with the source lines, and the page of its rule.',
    input,
    async run({ file, rule, line, text }) {
      if (file === undefined) {
        if (rule === undefined) throw new UsageError("Give a 'rule', or the 'file' of a finding.");
        return { rule, page: pageOf(rule) };
      }
      const named = { file, line, rule, text };
      if (rule !== undefined) pageOf(rule);
      const check = await workspace.examine(subjectOf(named));
      const finding = workspace.findingIn(check, file, placeOf(named));
      const steps = finding.path.map(({ at, message }) => ({
        place: `${at.file}:${at.line}:${at.column}`,
        source: (check.analysis.linesOf(at.file)[at.line - 1] ?? '').trim().slice(0, 500),
        message,
      }));
      return {
        finding: toldFinding(finding),
        steps,
        rule: finding.rule,
        page: pageOf(finding.rule),
      };
    },
  });
}
