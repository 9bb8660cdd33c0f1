// One run over the files: what is found, and of that what is to be told: not what comments suppress, what the
// baseline knows, or what is older than a commit.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { CheckMemory } from '../check-memory.ts';
import { displayPath } from '../files/c-files.ts';
import type { Finding } from '../finding.ts';
import type { RuleDocs } from '../rules/rule.ts';
import type { Project } from '../config/project.ts';
import { type Analysis, analyze, type Engine, type ParserChoice } from './analyze.ts';
import { compare, type Entry, type Marked, readBaseline } from './baseline.ts';
import { newSince } from './changed-lines.ts';
import { fingerprintsOf } from './formats/fingerprint.ts';
import { loadProject, type ProjectOptions } from './load-project.ts';
import type { PageBundles } from './page-bundles.ts';
import { isFoundAgain } from './place.ts';
import { progressLine } from './progress.ts';
import type { ResultCache } from './result-cache.ts';
import type { Report } from './formats/report.ts';
import type { Terminal } from './terminal.ts';

export interface RunOptions extends ProjectOptions {
  /** `-`: standard input. */
  readonly paths: readonly string[];
  /** The name of standard input. */
  readonly stdinFilename: string;
  /** Leave out what is excluded even where it is named. */
  readonly forceExclude: boolean;
  readonly parser: ParserChoice;
  /** Tell what comments suppress, too. */
  readonly ignoreSuppressions: boolean;
  /** A file; null: the one that the configuration names; false: none. */
  readonly baseline: string | null | false;
  /** Where results are kept; null: where the system keeps such; false: nowhere. */
  readonly cacheDir: string | null | false;
  /** Threads; null: as many as there are cores and work for. */
  readonly concurrency: number | null;
  /** Only what is new since this commit; null: everything. */
  readonly diffBase: string | null;
}

export interface Product {
  readonly engine: Engine;
  readonly rules: readonly RuleDocs[];
  readonly version: string;
  /** The bundles that pages are made of. Throws UsageError when they are not built. */
  readonly page: () => PageBundles;
  /** The cache in a folder, or where the system keeps such; null: there is none. */
  readonly cache: (folder: string | null) => ResultCache | null;
}

export interface CheckRun {
  readonly report: Report;
  readonly notes: readonly string[];
  /** Everything that was found and not suppressed by a comment, with its fingerprint. */
  readonly marked: readonly Marked[];
  readonly stale: readonly Entry[];
  readonly analysis: Analysis;
  readonly project: Project;
  readonly seconds: number;
}

/** `texts`: what takes the place of files on disk, by absolute path. Throws UsageError. */
export async function runCheck(
  options: RunOptions,
  { engine, rules, version, cache }: Product,
  terminal: Terminal,
  texts: ReadonlyMap<string, string> = new Map(),
  memory: CheckMemory | null = null,
): Promise<CheckRun> {
  const { cwd } = terminal;
  const project = loadProject(options, rules, cwd);
  const baselineFile = baselineOf(options, project, cwd);
  const entries =
    baselineFile === null ? [] : readBaseline(baselineFile, displayPath(baselineFile, cwd));
  const isNew = options.diffBase === null ? () => true : newSince(options.diffBase, cwd);
  const { paths, forceExclude, parser, stdinFilename: file } = options;
  const input = paths.includes('-') ? { file, bytes: await terminal.readInput() } : null;
  const line = progressLine(terminal.err);
  const started = performance.now();
  const analysis = await analyze(
    {
      paths,
      cwd,
      input,
      project,
      texts,
      forceExclude,
      parser,
      rules,
      everything: false,
      suppressions: options.ignoreSuppressions
        ? null
        : { unused: paths.every((path) => isFolder(resolve(cwd, path))) },
      cache: cacheOf(options, cache, cwd),
      memory,
      concurrency: options.concurrency,
      tell: line.tell,
    },
    engine,
  );
  const seconds = (performance.now() - started) / 1000;
  line.clear();
  const { findings } = analysis.result;
  const marks = fingerprintsOf({ ...analysis, findings });
  const marked = findings.map((finding) => ({ finding, fingerprint: marks.get(finding) ?? '' }));
  const names = analysis.files.map(({ file: name }) => name);
  const { fresh, known, stale } =
    baselineFile === null
      ? { fresh: findings, known: [], stale: [] }
      : compare(marked, entries, names, baselineFile, cwd);
  const told = fresh.filter(isNew);
  return {
    report: {
      findings: told,
      suppressed: [
        ...analysis.suppressed.map((one) => ({ ...one, by: 'comment' as const })),
        ...known.map((finding) => ({ finding, reason: '', by: 'baseline' as const })),
      ].filter(({ finding }) => isNew(finding)),
      skipped: analysis.skipped,
      stats: analysis.result.stats,
      linesOf: analysis.linesOf,
      rules,
      version,
      replayPlace: replayPlace(told, options, cwd),
      cwd,
    },
    notes: analysis.notes,
    marked,
    stale,
    analysis,
    project,
    seconds,
  };
}

function cacheOf(
  { cacheDir }: RunOptions,
  cache: Product['cache'],
  cwd: string,
): ResultCache | null {
  if (cacheDir === false) return null;
  return cache(cacheDir === null ? null : resolve(cwd, cacheDir));
}

/** Absolute; null: none. A file that the configuration names need not be there yet. */
function baselineOf({ baseline }: RunOptions, project: Project, cwd: string): string | null {
  if (baseline === false) return null;
  if (baseline !== null) return resolve(cwd, baseline);
  const configured = configuredBaseline(project, cwd);
  return configured !== null && existsSync(configured) ? configured : null;
}

/** The file that the configuration of the current folder names; absolute; null: none. */
export function configuredBaseline(project: Project, cwd: string): string | null {
  const config = project.configOf(resolve(cwd, 'any'));
  const name = config?.config.baseline;
  return config === null || name === undefined ? null : resolve(dirname(config.path), name);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Whatever it is, it is told of where the files are found.
    return false;
  }
}

function replayPlace(
  findings: readonly Finding[],
  { paths, stdinFilename, config, isolated }: RunOptions,
  cwd: string,
): string | null {
  if (config !== null || isolated) return null;
  const input = paths.includes('-') ? resolve(cwd, stdinFilename) : null;
  const found = findings.find(
    (finding) => isFoundAgain(finding, cwd) && resolve(cwd, finding.at.file) !== input,
  );
  return found === undefined ? null : `${found.at.file}:${found.at.line}`;
}
