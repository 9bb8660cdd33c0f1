// The full format: each finding as one code frame with the allocation, the numbered steps of the path
// and the release, then the proposed edit. For people; not stable enough to parse.
import type { Span } from '../../../simulator/flagged-path.ts';
import { wrap } from '../../../simulator/styled-text.ts';
import { verdictOf } from '../../../simulator/verdict.ts';
import { verdictLines } from '../../../simulator/verdict-text.ts';
import type { Confidence, Edit, Finding, PathNote, Severity } from '../../finding.ts';
import { codeFrame, gutterWidth, type Label } from '../code-frame.ts';
import { displayLine, printable } from '../display-text.ts';
import { isSafe } from '../fix/safety.ts';
import type { Format, FormatOptions, Report } from './report.ts';
import type { Colors } from '../terminal.ts';

export const formatFull: Format = (report, options) => {
  const blocks = report.findings.map((finding) => findingText(finding, report, options));
  if (!options.isQuiet) blocks.push(summary(report, options));
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`;
};

export function findingText(
  finding: Finding,
  report: Pick<Report, 'linesOf'>,
  { colors, withVerdict, columns }: Pick<FormatOptions, 'colors' | 'withVerdict' | 'columns'>,
): string {
  const labels = labelsOf(finding);
  const gutter = gutterWidth(labels.map((label) => label.at));
  const lines = [heading(finding, colors)];
  for (const [file, own] of byFile(finding.at.file, labels)) {
    const first = file === finding.at.file ? finding.at : own[0]?.at;
    const arrow = file === finding.at.file ? '-->' : ':::';
    const place = `${printable(file)}:${first?.line ?? 1}:${first?.column ?? 1}`;
    lines.push(`${' '.repeat(gutter)}${colors.blue(arrow)} ${place}`);
    lines.push(...codeFrame(report.linesOf(file), own, { gutter, colors, columns }));
  }
  lines.push(...helpLines(finding, report, gutter, colors));
  if (withVerdict && finding.flaggedPath.steps.length > 0)
    lines.push(...simulatedLines(finding, gutter, colors));
  return lines.join('\n');
}

function heading(finding: Finding, colors: Colors): string {
  const tag = `${finding.severity}[${finding.rule}]`;
  return `${colors[SEVERITY_COLOR[finding.severity]](colors.bold(tag))}${colors.bold(
    `: ${printable(finding.message)}`,
  )}${certainty(finding.confidence)}`;
}

/** What is definite needs no word. */
export function certainty(confidence: Confidence): string {
  return confidence === 'definite' ? '' : ` (${confidence})`;
}

export const SEVERITY_COLOR = {
  error: 'red',
  warning: 'yellow',
  info: 'cyan',
} as const satisfies Record<Severity, keyof Colors>;

function labelsOf(finding: Finding): Label[] {
  const last = finding.path.length - 1;
  const endsAtFinding = last >= 0 && sameStart(finding.path[last], finding);
  const labels = merged(
    finding.path.map(({ at, message }, index) => ({
      at,
      numbers: [index + 1],
      message,
      isPrimary: endsAtFinding && index === last,
    })),
  );
  if (!endsAtFinding) labels.push({ at: finding.at, text: finding.message, isPrimary: true });
  return labels;
}

interface NumberedStep {
  readonly at: Span;
  readonly numbers: number[];
  readonly message: string;
  readonly isPrimary: boolean;
}

/** Steps of a loop that say the same of the same place become one label with several numbers. */
function merged(steps: readonly NumberedStep[]): Label[] {
  const byPlace = new Map<string, NumberedStep>();
  for (const step of steps) {
    const { file, line, column, endColumn } = step.at;
    const key = [step.isPrimary, file, line, column, endColumn, step.message].join('\0');
    const same = byPlace.get(key);
    if (same === undefined) byPlace.set(key, step);
    else same.numbers.push(...step.numbers);
  }
  return Array.from(byPlace.values(), ({ at, numbers, message, isPrimary }) => ({
    at,
    text: `${numbers.join(', ')}: ${message}`,
    isPrimary,
  }));
}

function sameStart(note: PathNote | undefined, finding: Finding): boolean {
  return note?.at.file === finding.at.file && note.at.line === finding.at.line;
}

/** The finding's own file first, then the others in the order of the path. */
function byFile(primary: string, labels: readonly Label[]): Map<string, Label[]> {
  const groups = new Map<string, Label[]>([[primary, []]]);
  for (const label of labels) {
    const group = groups.get(label.at.file);
    if (group === undefined) groups.set(label.at.file, [label]);
    else group.push(label);
  }
  return groups;
}

function helpLines(
  finding: Finding,
  report: Pick<Report, 'linesOf'>,
  gutter: number,
  colors: Colors,
): string[] {
  const indent = ' '.repeat(gutter);
  const equals = `${indent} ${colors.blue('=')}`;
  const lines = [];
  const fix = finding.fixes[0];
  if (fix !== undefined) {
    lines.push(`${equals} ${colors.cyan('help')}: ${printable(fix.title)}`);
    for (const edit of fix.edits) lines.push(...editLines(edit, report, gutter, colors));
  }
  for (const other of finding.fixes.slice(1)) {
    lines.push(`${equals} ${colors.cyan('or')}: ${printable(other.title)}`);
  }
  return lines;
}

/** How it ends on simulated builds, a paragraph for each that differs. */
function simulatedLines({ flaggedPath }: Finding, gutter: number, colors: Colors): string[] {
  const indent = ' '.repeat(gutter);
  const lead = `${indent} ${colors.blue('=')} ${colors.magenta('simulated')}: `;
  const hanging = `${indent}   `;
  return verdictLines(verdictOf(flaggedPath)).flatMap((text) => {
    const [first = '', ...rest] = wrap(text, WIDTH - gutter - '  = simulated: '.length);
    const width = WIDTH - hanging.length;
    return [
      lead + first,
      ...wrap(rest.join(' '), width)
        .filter((line) => line !== '')
        .map((line) => hanging + line),
    ];
  });
}

/** Columns. */
const WIDTH = 80;

/** The line before and after; an edit over several lines is told by its title alone. */
function editLines(
  edit: Edit,
  report: Pick<Report, 'linesOf'>,
  gutter: number,
  colors: Colors,
): string[] {
  const { at, newText } = edit;
  if (at.endLine !== at.line || newText.includes('\n')) return [];
  const before = report.linesOf(at.file)[at.line - 1];
  if (before === undefined || before.length > 200) return [];
  const after = before.slice(0, at.column - 1) + newText + before.slice(at.endColumn - 1);
  const number = String(at.line).padStart(gutter);
  return [
    colors.red(`${number} - ${displayLine(before).text}`),
    colors.green(`${number} + ${displayLine(after).text}`),
  ];
}

/** The last line: how much was found, and what to do next. */
export function summary(report: Report, { colors }: Pick<FormatOptions, 'colors'>): string {
  const files = count(report.stats.files, 'file');
  const leftOut = leftOutText(report);
  if (report.findings.length === 0) return colors.green(`No findings in ${files}.`) + leftOut;
  const found = colors.bold(`${count(report.findings.length, 'finding')} in ${files}.`) + leftOut;
  const help = fixHelp(report);
  if (report.replayPlace === null) return found + help;
  return `${found}${help}\nTo see one on the simulated heap: pymem-lint replay ${shellWord(report.replayPlace)}`;
}

/** What was found and is not shown. */
function leftOutText({ suppressed }: Report): string {
  const known = suppressed.filter(({ by }) => by === 'baseline').length;
  const commented = suppressed.length - known;
  const parts = [
    known > 0 && `${known} known to the baseline`,
    commented > 0 && `${commented} suppressed by comments`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? '' : ` Left out: ${parts.join(', ')}.`;
}

/** What `--fix` would do. */
function fixHelp({ findings }: Report): string {
  const fixable = findings.filter(({ fixes }) => fixes.length > 0);
  const safe = fixable.filter(isSafe).length;
  const unsafe = fixable.length - safe;
  if (safe === 0) return unsafe === 0 ? '' : ` ${unsafe} fixable with --fix --unsafe-fixes.`;
  const more = unsafe === 0 ? '' : ` (${unsafe} more with --unsafe-fixes)`;
  return ` ${safe} fixable with --fix${more}.`;
}

export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : nouns}`;
}

function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", `'\\''`)}'`;
}
