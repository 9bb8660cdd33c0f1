// `pymem-lint replay`: checks a file, replays one of its findings on the simulated heap, shows what it
// does. What is simulated always says so.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freeListText, heapMapText, hexText } from '../../simulator/heap-text.ts';
import { replay } from '../../simulator/replay.ts';
import { styled, type TextLine } from '../../simulator/styled-text.ts';
import { DEBUG, RELEASE, targetName, type Target } from '../../simulator/target.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import type { Timeline, Verdict } from '../../simulator/timeline.ts';
import { type FileSettings, isReported } from '../config/project.ts';
import type { Finding } from '../finding.ts';
import { analyze, type ParserChoice } from './analyze.ts';
import { reasonOf, writeNotes, type Product } from './check-command.ts';
import { printable } from './display-text.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { jsonFinding } from './format-json.ts';
import { certainty } from './format-text.ts';
import { heapPage } from './heap-page.ts';
import { loadProject, type ProjectOptions } from './load-project.ts';
import { findingAt, parsePlace, withSiblings } from './place.ts';
import { styledOutput } from './styled-output.ts';
import { progressLine } from './progress.ts';
import type { Colors, Terminal } from './terminal.ts';

export type ReplayFormat = 'text' | 'json';

export interface ReplayOptions extends ProjectOptions {
  /** FILE, FILE:LINE or FILE:LINE:COLUMN. */
  readonly place: string;
  /** null: both, and the details of the one that shows more. */
  readonly build: Target['build'] | null;
  /** null: the usual one, or the nearest that the project is for. */
  readonly python: Target['python'] | null;
  readonly libc: Target['libc'];
  /** Index of a frame, 0 is the heap before the path; null: the whole replay. */
  readonly step: number | null;
  /** A file for the page; null: none. */
  readonly html: string | null;
  readonly format: ReplayFormat;
  readonly parser: ParserChoice;
}

/** The one that shows most comes first. */
const TELLING: readonly Verdict[] = ['crash', 'crash-later', 'overlap', 'silent', 'leak', 'clean'];

export async function replayCommand(
  options: ReplayOptions,
  product: Product,
  dist: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const { finding, settings } = await findFinding(options, product, terminal);
  const python = options.python ?? usualPython(settings);
  const { libc } = options;
  const targets = [RELEASE, DEBUG]
    .filter(({ build }) => options.build === null || options.build === build)
    .map((target) => ({ ...target, python, libc }));
  const timelines = targets.map((target) => replay(finding.flaggedPath, target));
  const shown = mostTelling(timelines);
  checkStep(options.step, shown);
  if (options.html !== null) writePage(options.html, finding, dist, terminal);
  terminal.out.write(
    options.format === 'json'
      ? json(finding, timelines)
      : text(finding, timelines, shown, options.step, terminal.out.colors),
  );
  return EXIT.clean;
}

async function findFinding(
  options: ReplayOptions,
  product: Product,
  terminal: Terminal,
): Promise<{ readonly finding: Finding; readonly settings: FileSettings }> {
  const { cwd } = terminal;
  const { rules } = product;
  const place = parsePlace(options.place, cwd);
  const project = loadProject(options, rules, cwd);
  const wanted = resolve(cwd, place.file);
  const line = progressLine(terminal.err);
  const analysis = await analyze(
    {
      paths: withSiblings(place.file, cwd),
      cwd,
      input: null,
      project,
      forceExclude: false,
      parser: options.parser,
      rules,
      everything: true,
      tell: line.tell,
    },
    product.engine,
  );
  line.clear();
  writeNotes(analysis.notes, terminal);
  const settings = project.settingsOf(wanted);
  const inFile = analysis.result.findings.filter(({ at }) => resolve(cwd, at.file) === wanted);
  const isShown = (finding: Finding): boolean => isReported(finding, settings, rules);
  return { finding: findingAt(inFile, place, isShown), settings };
}

/** The one that replays are made for, when the project supports it; else the newest that it supports. */
function usualPython({ targets }: FileSettings): Target['python'] {
  return targets.includes(RELEASE.python) ? RELEASE.python : (targets.at(-1) ?? RELEASE.python);
}

function mostTelling(timelines: readonly Timeline[]): Timeline {
  const [first, ...others] = timelines;
  if (first === undefined) throw new Error('no target to replay on');
  return others.reduce((best, timeline) => (rank(timeline) < rank(best) ? timeline : best), first);
}

function rank({ outcome }: Timeline): number {
  return TELLING.indexOf(outcome.verdict);
}

function checkStep(step: number | null, { frames }: Timeline): void {
  if (step === null || step < frames.length) return;
  throw new UsageError(
    `there is no step ${step}: the replay has the steps 0 to ${frames.length - 1}.`,
  );
}

function text(
  finding: Finding,
  timelines: readonly Timeline[],
  shown: Timeline,
  step: number | null,
  colors: Colors,
): string {
  const { at, severity, rule, confidence, message } = finding;
  const title = colors.bold(`${severity}[${rule}]: ${printable(message)}`);
  const head = `${title}${certainty(confidence)}\n`;
  const place = `  ${colors.blue('-->')} ${printable(at.file)}:${at.line}:${at.column}\n\n`;
  const details = step === null ? timelineText(shown) : stepText(shown, step);
  return head + place + summaries(timelines, colors) + styledOutput(details, colors);
}

/** A line per target; nothing when there is only one. */
function summaries(timelines: readonly Timeline[], colors: Colors): string {
  if (timelines.length < 2) return '';
  const lines = timelines.map(({ target, outcome }) => {
    const verdict = outcome.verdict.replace('-', ' ');
    return `  ${targetName(target)}: ${colors.bold(verdict)}. ${printable(outcome.summary)}\n`;
  });
  return `${colors.bold('Simulated on')}\n${lines.join('')}\n`;
}

function stepText(timeline: Timeline, step: number): TextLine[] {
  const frame = timeline.frames[step];
  const view = timeline.view(step);
  const last = timeline.frames.length - 1;
  return [
    [styled(timeline.model.replace(/^simulated/, 'SIMULATED'), 'label')],
    [styled(`Step ${step} of ${last}: ${frame?.title ?? ''}`, 'heading')],
    ...(frame?.notes ?? []).map((note): TextLine => [styled(`  ${note}`, 'plain')]),
    ...heapMapText(view),
    ...freeListText(view),
    ...view.hex.flatMap((hex) => hexText(hex)),
    ...(frame?.fault?.text ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): TextLine => [styled(`simulated: ${line}`, 'fault')]),
  ];
}

function json(finding: Finding, timelines: readonly Timeline[]): string {
  const replays = timelines.map(({ target, model, outcome, frames, assumptions }) => ({
    target,
    model,
    outcome,
    frames,
    assumptions,
  }));
  return `${JSON.stringify({ finding: jsonFinding(finding), replays }, null, 2)}\n`;
}

function writePage(file: string, finding: Finding, dist: string, terminal: Terminal): void {
  const title = `Simulated crash: ${finding.message}`;
  const page = heapPage({
    title,
    path: finding.flaggedPath,
    script: bundle(dist, 'heap-panel.js'),
    style: bundle(dist, 'heap-panel.css'),
  });
  try {
    writeFileSync(resolve(terminal.cwd, file), page);
  } catch (error) {
    throw new UsageError(`cannot write '${file}': ${reasonOf(error)}`);
  }
  terminal.err.write(`Wrote ${printable(file)}.\n`);
}

function bundle(dist: string, name: string): string {
  try {
    // The page stands alone: a source map beside the bundle is not beside the page.
    return readFileSync(join(dist, name), 'utf8').replace(
      /\n(?:\/\/|\/\*)# sourceMappingURL=.*/,
      '',
    );
  } catch {
    throw new UsageError(`the heap panel is not built (${name} is missing): run npm run build.`);
  }
}
