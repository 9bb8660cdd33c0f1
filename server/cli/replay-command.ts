// `pymem-lint replay`: checks a file, replays one of its findings on the simulated heap, shows what it
// does. What is simulated always says so.
import { resolve } from 'node:path';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { heapPage, type OpenedReplay } from '../../simulator/heap-page.ts';
import { heapSvg } from '../../simulator/heap-svg.ts';
import {
  footprintText,
  freeListText,
  heapMapText,
  hexText,
  WIDTH,
} from '../../simulator/heap-text.ts';
import { replay } from '../../simulator/replay.ts';
import { printable as asciiOf, styled, type TextLine, wrap } from '../../simulator/styled-text.ts';
import {
  modelLabel,
  RELEASE,
  targetName,
  type Target,
  usualPython,
  usualTargets,
} from '../../simulator/target.ts';
import { timelineText } from '../../simulator/timeline-text.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import type { Tool } from '../../simulator/tool-finding.ts';
import { type ToolReport, toolReport } from '../../simulator/tool-report.ts';
import { toolLines } from '../../simulator/tool-text.ts';
import {
  type BestTarget,
  bestTarget,
  targetsFor,
  type VerdictMatrix,
  verdictOf,
} from '../../simulator/verdict.ts';
import { verdictText } from '../../simulator/verdict-text.ts';
import { type FileSettings, isReported } from '../config/project.ts';
import type { Finding } from '../finding.ts';
import { analyze, type ParserChoice } from './analyze.ts';
import { writeNotes } from './check-command.ts';
import type { Product } from './check-run.ts';
import { printable } from './display-text.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { jsonFinding } from './formats/json.ts';
import { certainty } from './formats/full.ts';
import { loadProject, type ProjectOptions } from './load-project.ts';
import { findingAt, parsePlace, withSiblings } from './place.ts';
import { styledOutput } from './styled-output.ts';
import { readPanel } from './page-bundles.ts';
import { progressLine } from './progress.ts';
import type { Colors, Terminal } from './terminal.ts';
import { writeFileOrFail } from './user-files.ts';

export type ReplayFormat = 'text' | 'json';

export interface ReplayOptions extends ProjectOptions {
  /** FILE, FILE:LINE or FILE:LINE:COLUMN. */
  readonly place: string;
  /** null: both, and the details of the one that shows more. */
  readonly build: Target['build'] | null;
  /** null: the usual one, or the nearest that the project is for. */
  readonly python: Target['python'] | null;
  readonly libc: Target['libc'];
  /** How it ends on every target; alone, unless a step is asked for as well. */
  readonly verdict: boolean;
  /** A memory checker whose report is shown; alone, unless a step is asked for as well. null: none. */
  readonly tool: Tool | null;
  /** Index of a frame, 0 is the heap before the path; null: the whole replay. */
  readonly step: number | null;
  /** A file for the page; null: none. */
  readonly html: string | null;
  /** A file for the picture of one step; null: none. */
  readonly svg: string | null;
  readonly format: ReplayFormat;
  readonly parser: ParserChoice;
}

export async function replayCommand(
  options: ReplayOptions,
  product: Product,
  dist: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const { finding, settings } = await findFinding(options, product, terminal);
  const python = options.python ?? usualPython(settings.targets);
  const path = finding.flaggedPath;
  const verdict = options.verdict ? verdictOf(path, targetsFor(settings.targets)) : null;
  const best = chosenTarget(path, { ...options, python });
  const shown = replay(path, best.target);
  checkStep(options.step, shown);
  if (options.html !== null) {
    const opened = openedReplay(finding, best.target, options.step);
    write(options.html, heapPage(opened, readPanel(dist)), terminal);
  }
  if (options.svg !== null) {
    const picture = heapSvg(finding.message, shown, options.step ?? shown.outcome.frame);
    write(options.svg, picture, terminal);
  }
  const reports = toolReports(path, options.tool, { ...options, target: best.target });
  if (options.format === 'json') {
    const builds =
      options.build === null ? usualTargets(python).map(({ build }) => build) : [options.build];
    const timelines = builds.map((build) => replay(path, { ...best.target, build }));
    terminal.out.write(json(finding, { timelines, verdict, reports }));
    return EXIT.clean;
  }
  const { colors } = terminal.out;
  const parts = [
    head(finding, colors),
    ...(verdict === null ? [] : [styledOutput(verdictText(verdict), colors)]),
    ...reports.map((report) => styledOutput(toolLines(report), colors)),
    ...((options.verdict || options.tool !== null) && options.step === null
      ? []
      : [reasonLine(best), styledOutput(details(shown, options.step), colors)]),
  ];
  terminal.out.write(parts.filter((part) => part !== '').join('\n'));
  return EXIT.clean;
}

/** Throws UsageError where there is none. */
export async function findFinding(
  options: Pick<ReplayOptions, 'place' | 'parser'> & ProjectOptions,
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
      texts: new Map(),
      forceExclude: false,
      parser: options.parser,
      rules,
      everything: true,
      suppressions: null,
      cache: null,
      memory: null,
      concurrency: null,
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

/** The build that was asked for, or the one that shows it best. */
function chosenTarget(
  path: FlaggedPath,
  { build, python, libc }: Pick<ReplayOptions, 'build' | 'libc'> & Pick<Target, 'python'>,
): BestTarget {
  if (build !== null) return { target: { ...RELEASE, build, python, libc }, why: null };
  return bestTarget(
    path,
    usualTargets(python).map((target) => ({ ...target, libc })),
  );
}

/** On the build that was asked for; by default without a setting, and with the one that tools are used with. */
function toolReports(
  path: FlaggedPath,
  tool: Tool | null,
  { build, target }: Pick<ReplayOptions, 'build'> & { readonly target: Target },
): readonly ToolReport[] {
  if (tool === null) return [];
  const builds = build === null ? (['release', 'malloc'] as const) : [build];
  return builds.map((each) => toolReport(path, { ...target, build: each }, tool));
}

function checkStep(step: number | null, { frames }: Timeline): void {
  if (step === null || step < frames.length) return;
  throw new UsageError(
    `there is no step ${step}: the replay has the steps 0 to ${frames.length - 1}.`,
  );
}

function head({ at, severity, rule, confidence, message }: Finding, colors: Colors): string {
  const title = colors.bold(`${severity}[${rule}]: ${printable(message)}`);
  const place = `${printable(at.file)}:${at.line}:${at.column}`;
  return `${title}${certainty(confidence)}\n  ${colors.blue('-->')} ${place}\n`;
}

function reasonLine({ target, why }: BestTarget): string {
  if (why === null) return '';
  const text = `Shown on ${targetName(target)}: ${why}.`;
  return `${wrap(asciiOf(text), WIDTH, '  ').join('\n')}\n`;
}

function details(timeline: Timeline, step: number | null): readonly TextLine[] {
  return step === null ? timelineText(timeline) : stepText(timeline, step);
}

function stepText(timeline: Timeline, step: number): TextLine[] {
  const frame = timeline.frames[step];
  const view = timeline.view(step);
  const last = timeline.frames.length - 1;
  return [
    [styled(modelLabel(timeline.model), 'label')],
    [styled(`Step ${step} of ${last}: ${frame?.title ?? ''}`, 'heading')],
    ...(frame?.notes ?? []).map((note): TextLine => [styled(`  ${note}`, 'plain')]),
    ...heapMapText(view),
    ...freeListText(view),
    ...footprintText(view),
    ...view.hex.flatMap((hex) => hexText(hex)),
    ...(frame?.fault?.text ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): TextLine => [styled(`simulated: ${line}`, 'fault')]),
  ];
}

interface Replayed {
  readonly timelines: readonly Timeline[];
  readonly verdict: VerdictMatrix | null;
  readonly reports: readonly ToolReport[];
}

function json(finding: Finding, { timelines, verdict, reports }: Replayed): string {
  const replays = timelines.map(({ target, model, outcome, frames, assumptions }) => ({
    target,
    model,
    outcome,
    frames,
    assumptions,
  }));
  const report = {
    finding: jsonFinding(finding),
    ...(verdict === null ? {} : { verdict }),
    ...(reports.length === 0 ? {} : { tools: reports }),
    replays,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** What is written opens on the target that the text is about, at the step that was asked for. */
function openedReplay(
  { flaggedPath: path, message: title, fixes }: Finding,
  target: Target,
  step: number | null,
): OpenedReplay {
  const fixed = fixes.flatMap((fix) =>
    fix.path === null ? [] : [{ path: fix.path, title: fix.title }],
  );
  const { python } = target;
  return { path, title, fixed, python, target, ...(step !== null && { frame: step }) };
}

function write(file: string, content: string, terminal: Terminal): void {
  writeFileOrFail(file, content, terminal.cwd);
  terminal.err.write(`Wrote ${printable(file)}.\n`);
}
