// The finding of a rule's own example, for commands that show a defect without a file of the user's.
import type { Finding } from '../finding.ts';
import { analyze, type ParserChoice } from './analyze.ts';
import type { Product } from './check-run.ts';
import { UsageError } from './exit.ts';
import { ruleNamed } from './known-rule.ts';
import { loadProject, NO_PROJECT_OPTIONS } from './load-project.ts';
import type { Terminal } from './terminal.ts';

/** The first finding of the rule's first bad example. Throws UsageError for a name that is no rule. */
export async function exampleFinding(
  name: string,
  { engine, rules }: Product,
  { cwd }: Terminal,
  parser: ParserChoice,
): Promise<Finding> {
  const rule = ruleNamed(name, rules);
  const options = { ...NO_PROJECT_OPTIONS, isolated: true, select: [name] };
  const bytes = new TextEncoder().encode(rule.bad[0] ?? '');
  const analysis = await analyze(
    {
      paths: ['-'],
      cwd,
      input: { file: 'example.c', bytes },
      project: loadProject(options, rules, cwd),
      forceExclude: false,
      parser,
      rules,
      suppressions: null,
      cache: null,
      memory: null,
      concurrency: 1,
      texts: new Map(),
      everything: true,
      tell: () => {},
    },
    engine,
  );
  const found = analysis.result.findings.find((finding) => finding.rule === name);
  if (found === undefined) throw new UsageError(`'${name}' has no example that can be reproduced.`);
  return found;
}
