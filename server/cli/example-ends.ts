// The section of a rule's page about how its first bad example ends: checked, and replayed on every simulated build.
// Only for the pages in docs/: where a page is asked for at run time, there may be no parser at hand.
import { LIBCS, PYTHONS } from '../../simulator/target.ts';
import { verdictOf } from '../../simulator/verdict.ts';
import { check } from '../check.ts';
import type { RuleDocs } from '../rules/rule.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import { verdictTable } from '../verdict-table.ts';

/** Markdown; null: the defect is none of the heap. Throws when the example has no finding. */
export function exampleEnds({ id, observed, bad }: RuleDocs, parser: Parser): string | null {
  const [text] = bad;
  if (observed === 'nothing' || text === undefined) return null;
  const settings = { ...DEFAULT_SETTINGS, select: [id], minConfidence: 'possible' } as const;
  const { findings } = check([{ file: 'example.c', text }], parser, settings);
  const [finding] = findings;
  if (finding === undefined) throw new Error(`the first bad example of ${id} has no finding`);
  return [
    '### How the first one ends',
    verdictTable(verdictOf(finding.flaggedPath)).join('\n'),
    `On 64 bit, CPython ${span(PYTHONS)}, ${span(LIBCS)}. \`pymem-lint replay FILE:LINE --verdict\` says the same of a finding in your code; \`pymem-lint reproduce --rule ${id}\` makes this one a program for a real Python.`,
  ].join('\n\n');
}

function span(versions: readonly string[]): string {
  return `${versions[0]?.replace('-', ' ')} to ${versions.at(-1)?.replace('glibc-', '')}`;
}
