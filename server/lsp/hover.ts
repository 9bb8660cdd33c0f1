// The hover of a finding: what its diagnostic, which the editor shows in the same place, does not say. How
// to see the crash, how the replay ends on each build, which family each call belongs to.
import { type Hover, MarkupKind } from 'vscode-languageserver';
import { familyFacts, type Family } from '../../simulator/families.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { usualPython, usualTargets } from '../../simulator/target.ts';
import { verdictOf } from '../../simulator/verdict.ts';
import type { Finding } from '../finding.ts';
import { verdictTable } from '../verdict-table.ts';
import { findingCommands, type LinkOptions, placeOf } from './links.ts';
import { CLIENT_COMMANDS, ruleUrl } from './protocol.ts';
import { toRange } from './render.ts';

/** A path that is replayed while the reader waits; a longer one takes its time in the panel. */
const MAX_STEPS = 400;

interface HoverOptions extends LinkOptions {
  /** The versions that the project is for; null: any. */
  readonly pythons: readonly string[] | null;
}

export function toHover(finding: Finding, uri: string, options: HoverOptions): Hover {
  const parts = [
    links(finding, uri, options).join(' | '),
    endsOf(finding.flaggedPath, options).join('\n'),
    families(finding.flaggedPath).join('\n'),
  ];
  const value = parts.filter((part) => part !== '').join('\n\n');
  return { contents: { kind: MarkupKind.Markdown, value }, range: toRange(finding.at) };
}

function links(finding: Finding, uri: string, options: LinkOptions): readonly string[] {
  const commands = findingCommands(options).map(
    ({ command, title }) => `[${title}](${commandUri(command, placeOf(finding, uri))})`,
  );
  const rule = `[About ${finding.rule}](${rulePageUri(finding.rule, options)})`;
  return [...commands, rule, `confidence: ${finding.confidence}`];
}

/** The page that came with the extension, for clients that can show it: it needs no network. */
function rulePageUri(rule: string, { commands }: LinkOptions): string {
  const { showRule } = CLIENT_COMMANDS;
  return commands.includes(showRule) ? commandUri(showRule, rule) : ruleUrl(rule);
}

function commandUri(command: string, argument: unknown): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify([argument]))}`;
}

/**
 * How the path ends on the simulated builds, a row for each that differs; empty where it cannot be told. One
 * Python and one C library: a hover has room for the builds alone.
 */
function endsOf(path: FlaggedPath, { pythons }: HoverOptions): readonly string[] {
  if (path.steps.length > MAX_STEPS) return [];
  try {
    return verdictTable(verdictOf(path, usualTargets(usualPython(pythons))));
  } catch {
    return [];
  }
}

/** A row for each call that the path's blocks come from or go to. */
function families(path: FlaggedPath): readonly string[] {
  const rows = new Map<string, string>();
  for (const step of path.steps) {
    if (step.kind !== 'alloc' && step.kind !== 'realloc' && step.kind !== 'free') continue;
    const key = `${step.kind} ${step.api} ${step.family}`;
    rows.set(key, `| ${WHAT[step.kind]} | \`${step.api}\` | ${familyText(step.family)} |`);
  }
  return ['| | Call | Family |', '|---|---|---|', ...rows.values()];
}

const WHAT = { alloc: 'allocated', realloc: 'resized', free: 'released' } as const;

function familyText(family: Family): string {
  return `${familyFacts(family).label} (\`${family}\`)`;
}
