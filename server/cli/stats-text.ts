// What `check --stats` tells: what was looked at, what was left out and why, where the work went.
import type { FunctionSteps } from '../check.ts';
import { printable } from './display-text.ts';
import { count } from './formats/full.ts';
import type { Report } from './formats/report.ts';

/** Reasons, and functions of one kind, that are listed. */
const LISTED = 10;

export function statsText(
  { stats, skipped }: Pick<Report, 'stats' | 'skipped'>,
  seconds: number,
  brokenBuildFiles: readonly string[],
): string {
  const megabytes = process.resourceUsage().maxRSS / 1024;
  const { partial, slowest } = stats;
  const functions = skipped.filter(({ function: name }) => name !== null);
  const reasons = counted(functions.map(({ reason }) => general(reason)));
  return [
    `${count(stats.files, 'file')}, ${count(stats.lines, 'line')}, ` +
      `${count(stats.functions, 'function')}, ${count(stats.steps, 'step')}; ` +
      `${seconds.toFixed(2)} s, peak memory ${megabytes.toFixed(0)} MB`,
    `${count(stats.unparsed, 'file')} not parsed, for want of memory functions; ` +
      `${count(skipped.length - functions.length, 'file')} not read`,
    `${count(stats.explored, 'function')} explored, ${count(functions.length, 'function')} left out` +
      (functions.length === 0 ? '' : ':'),
    ...reasons.slice(0, LISTED).map(([reason, times]) => `  ${times} x ${reason}`),
    `${count(partial.length, 'function')} not followed on every path, for want of budget` +
      (partial.length === 0 ? '' : ':'),
    ...partial.slice(0, LISTED).map(functionLine),
    ...more(partial),
    ...(brokenBuildFiles.length === 0 ? [] : ['build files that cannot be used:']),
    ...brokenBuildFiles.slice(0, LISTED).map((line) => `  ${line}`),
    ...(slowest.length === 0 ? [] : ['most steps:']),
    ...slowest.map(functionLine),
  ]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

function functionLine({ file, function: name, steps }: FunctionSteps): string {
  return `  ${count(steps, 'step')}  ${file}: ${name}`;
}

function more(functions: readonly FunctionSteps[]): string[] {
  return functions.length <= LISTED ? [] : [`  and ${functions.length - LISTED} more`];
}

/** Without what is told of one place: its line and its text. */
function general(reason: string): string {
  return reason.replace(/ at line \d+.*$/s, '');
}

/** The most frequent first. */
function counted(texts: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
