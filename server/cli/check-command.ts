// `pymem-lint check`: analyzes the paths, writes the findings in one format, answers with the exit
// code. Everything it needs comes in as arguments.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Finding } from '../finding.ts';
import type { RuleDocs } from '../rules/rule.ts';
import { analyze, type Engine, type ParserChoice } from './analyze.ts';
import { printable } from './display-text.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { formatConcise } from './format-concise.ts';
import { formatJson } from './format-json.ts';
import { formatSarif } from './format-sarif.ts';
import { formatText } from './format-text.ts';
import { loadProject, type ProjectOptions } from './load-project.ts';
import { isFoundAgain } from './place.ts';
import type { Format, Report } from './report.ts';
import { progressLine } from './progress.ts';
import { statsText } from './stats-text.ts';
import { PLAIN, wantsColor, COLORED, type Terminal } from './terminal.ts';

export const FORMATS = {
  text: formatText,
  concise: formatConcise,
  json: formatJson,
  sarif: formatSarif,
} satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export interface CheckOptions extends ProjectOptions {
  /** `-`: standard input. */
  readonly paths: readonly string[];
  /** The name of standard input. */
  readonly stdinFilename: string;
  readonly format: FormatName;
  readonly outputFile: string | null;
  /** Leave out what is excluded even where it is named. */
  readonly forceExclude: boolean;
  readonly parser: ParserChoice;
  readonly isQuiet: boolean;
  readonly withVerdict: boolean;
  readonly withStats: boolean;
}

export interface Product {
  readonly engine: Engine;
  readonly rules: readonly RuleDocs[];
  readonly version: string;
}

export async function checkCommand(
  options: CheckOptions,
  product: Product,
  terminal: Terminal,
): Promise<ExitCode> {
  const { cwd } = terminal;
  const { rules } = product;
  const project = loadProject(options, rules, cwd);
  const { paths, forceExclude, stdinFilename: file } = options;
  const input = paths.includes('-') ? { file, bytes: await terminal.readInput() } : null;
  const line = progressLine(terminal.err);
  const { tell } = line;
  const { parser } = options;
  const request = {
    paths,
    cwd,
    input,
    project,
    forceExclude,
    parser,
    rules,
    everything: false,
    tell,
  };
  const started = performance.now();
  const analysis = await analyze(request, product.engine);
  const seconds = (performance.now() - started) / 1000;
  line.clear();
  const report: Report = {
    findings: analysis.result.findings,
    skipped: analysis.skipped,
    stats: analysis.result.stats,
    linesOf: analysis.linesOf,
    rules,
    version: product.version,
    replayPlace: replayPlace(analysis.result.findings, options, cwd),
    cwd,
  };
  if (!options.isQuiet) writeNotes(analysis.notes, terminal);
  writeReport(report, options, terminal);
  if (options.withStats) terminal.err.write(statsText(report, seconds));
  return report.findings.length === 0 ? EXIT.clean : EXIT.findings;
}

function replayPlace(
  findings: readonly Finding[],
  { paths, stdinFilename, config, isolated }: CheckOptions,
  cwd: string,
): string | null {
  if (config !== null || isolated) return null;
  const input = paths.includes('-') ? resolve(cwd, stdinFilename) : null;
  const found = findings.find(
    (finding) => isFoundAgain(finding) && resolve(cwd, finding.at.file) !== input,
  );
  return found === undefined ? null : `${found.at.file}:${found.at.line}`;
}

export function writeNotes(notes: readonly string[], terminal: Terminal): void {
  const label = terminal.err.colors.cyan('note');
  for (const note of notes) terminal.err.write(`pymem-lint: ${label}: ${printable(note)}\n`);
}

function writeReport(report: Report, options: CheckOptions, terminal: Terminal): void {
  const { isQuiet, withVerdict, outputFile } = options;
  const format = FORMATS[options.format];
  if (outputFile === null) {
    terminal.out.write(format(report, { colors: terminal.out.colors, isQuiet, withVerdict }));
    return;
  }
  const colors = wantsColor(process.env, false) ? COLORED : PLAIN;
  try {
    writeFileSync(
      resolve(terminal.cwd, outputFile),
      format(report, { colors, isQuiet, withVerdict }),
    );
  } catch (error) {
    throw new UsageError(`cannot write '${outputFile}': ${reasonOf(error)}`);
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
