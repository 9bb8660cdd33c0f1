// `pymem-lint check`: analyzes the paths, writes the findings in the formats that are asked for, answers with
// the exit code.
import { SEVERITIES, type Severity } from '../finding.ts';
import { type CheckRun, type Product, runCheck, type RunOptions } from './check-run.ts';
import { printable } from './display-text.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { count } from './formats/full.ts';
import { fixFiles } from './fix/fix-files.ts';
import { diffOf, writeFixed } from './fix/write-fixes.ts';
import { FORMATS, type FormatName } from './formats/index.ts';
import type { Report } from './formats/report.ts';
import { statsText } from './stats-text.ts';
import { COLORED, PLAIN, type Terminal, wantsColor } from './terminal.ts';
import { writeFileOrFail } from './user-files.ts';

/** Where a format goes. */
export interface OutputChoice {
  readonly format: FormatName;
  /** null: standard output. */
  readonly file: string | null;
}

/** Which findings make the exit code 1. */
export interface Gate {
  readonly exitZero: boolean;
  /** The least severity that counts. */
  readonly failOn: Severity;
  /** So many warnings are let through; null: as `failOn` says. */
  readonly maxWarnings: number | null;
  /** Entries of the baseline that nothing is found for count, too. */
  readonly failOnStale: boolean;
}

/** How findings are repaired. */
export interface FixOptions {
  /** diff: print what would be written. */
  readonly fix: 'no' | 'write' | 'diff';
  /** Also where the finding is not beyond doubt. */
  readonly unsafe: boolean;
}

export interface CheckOptions extends RunOptions, Gate, FixOptions {
  readonly outputs: readonly OutputChoice[];
  readonly isQuiet: boolean;
  readonly withVerdict: boolean;
  readonly withStats: boolean;
}

/** Throws UsageError. */
export async function checkCommand(
  options: CheckOptions,
  product: Product,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.fix !== 'no') return fixCommand(options, product, terminal);
  const run = await runCheck(options, product, terminal);
  tell(run, options, product, terminal);
  return exitCode(run, options);
}

async function fixCommand(
  options: CheckOptions,
  product: Product,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.paths.includes('-')) {
    throw new UsageError('standard input cannot be fixed: name the file.');
  }
  const { run, files, findings } = await fixFiles(options, product, terminal);
  if (options.fix === 'diff') {
    for (const file of files) terminal.out.write(diffOf(file, terminal.out.colors));
    const would = `Would fix ${count(findings.length, 'finding')} in ${count(files.length, 'file')}.`;
    if (!options.isQuiet) terminal.err.write(`${would}\n`);
    return files.length === 0 || options.exitZero ? EXIT.clean : EXIT.findings;
  }
  const unwritten = files.flatMap((file) => {
    const reason = writeFixed(file, terminal.cwd);
    return reason === null ? [] : [`${file.file} is not fixed: ${reason}`];
  });
  if (unwritten.length > 0) throw new UsageError(`${unwritten.join('\n  ')}.`);
  tell(run, options, product, terminal);
  if (!options.isQuiet && findings.length > 0) {
    const fixed = `Fixed ${count(findings.length, 'finding')} in ${count(files.length, 'file')}.`;
    terminal.err.write(`${fixed}\n`);
  }
  return exitCode(run, options);
}

/** Writes what a run found: notes, outputs, statistics. */
export function tell(
  run: CheckRun,
  options: CheckOptions,
  product: Pick<Product, 'page'>,
  terminal: Terminal,
): void {
  const { report, stale, analysis } = run;
  if (!options.isQuiet) {
    writeNotes([...run.notes, ...staleNote(stale.length)], terminal);
  }
  for (const output of options.outputs) {
    writeOutput(report, output, { ...options, page: product.page }, terminal);
  }
  if (options.withStats) {
    terminal.err.write(statsText(report, run.seconds, analysis.brokenBuildFiles));
  }
}

export function exitCode({ report, stale }: CheckRun, gate: Gate): ExitCode {
  if (gate.exitZero) return EXIT.clean;
  if (gate.failOnStale && stale.length > 0) return EXIT.findings;
  const counts = report.findings.filter(
    ({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(gate.failOn),
  );
  const { maxWarnings } = gate;
  if (maxWarnings === null) return counts.length === 0 ? EXIT.clean : EXIT.findings;
  const errors = counts.filter(({ severity }) => severity === 'error');
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  return errors.length > 0 || warnings.length > maxWarnings ? EXIT.findings : EXIT.clean;
}

function staleNote(stale: number): string[] {
  if (stale === 0) return [];
  const what = `${count(stale, 'entry', 'entries')} of the baseline ${stale === 1 ? 'is' : 'are'} stale`;
  return [`${what}: nothing is found there any more. Remove with: pymem-lint baseline --prune`];
}

export function writeNotes(notes: readonly string[], terminal: Terminal): void {
  const label = terminal.err.colors.cyan('note');
  for (const note of notes) terminal.err.write(`pymem-lint: ${label}: ${printable(note)}\n`);
}

function writeOutput(
  report: Report,
  { format: name, file }: OutputChoice,
  { isQuiet, withVerdict, page }: CheckOptions & Pick<Product, 'page'>,
  terminal: Terminal,
): void {
  const format = FORMATS[name];
  if (file === null) {
    terminal.out.write(
      format(report, {
        colors: terminal.out.colors,
        columns: terminal.out.columns,
        isQuiet,
        withVerdict,
        page,
      }),
    );
    return;
  }
  const colors = wantsColor(process.env, false) ? COLORED : PLAIN;
  writeFileOrFail(
    file,
    format(report, { colors, columns: null, isQuiet, withVerdict, page }),
    terminal.cwd,
  );
}
