// From paths to findings, shared by the commands: find the files, read them, load a parser, run the
// analyzer. The analyzer is handed in, so a test can put its own in its place.
import {
  type CheckResult,
  NO_STATS,
  type Progress,
  type Skipped,
  type SourceFile,
} from '../check.ts';
import type { CheckMemory } from '../check-memory.ts';
import { resolve } from 'node:path';
import { byPath, displayPath } from '../files/c-files.ts';
import { disk } from '../files/disk.ts';
import { projectIncludes, type ProjectIncludes } from '../files/project-includes.ts';
import { decode, type Source } from '../files/decode-source.ts';
import { readSource } from '../files/read-source.ts';
import type { Why, WhyPlace } from '../explain/why.ts';
import {
  type FileSettings,
  isReported,
  type Project,
  unionOf,
  withSeverity,
} from '../config/project.ts';
import { isGenerated } from '../preprocess/generated.ts';
import type { Finding } from '../finding.ts';
import type { ReportStore } from '../parts/kept-reports.ts';
import type { RuleDocs } from '../rules/rule.ts';
import type { Settings } from '../settings.ts';
import { applySuppressions, remarksOn, type Suppressed } from '../suppressions/apply.ts';
import { type Suppression, suppressionsIn } from '../suppressions/suppression.ts';
import type { Parser } from '../syntax/parser.ts';
import { errorMessage } from '../reason-of.ts';
import { UsageError } from './exit.ts';
import { findFiles } from './find-files.ts';
import { readHeaders } from './read-headers.ts';
import type { CheckInput, ResultCache } from './result-cache.ts';
import { sourceLines, type SourceLines } from './source-lines.ts';

export type ParserChoice = 'native' | 'wasm' | 'auto';

/** What the commands need from the rest of the product. */
export interface Engine {
  loadParser(choice: ParserChoice): Promise<Parser>;
  check(
    files: readonly SourceFile[],
    parser: Parser,
    settings: Settings,
    tell?: (progress: Progress) => void,
    /** Of checks of nearly the same files; null: of none. */
    memory?: CheckMemory | null,
    /** Threads, which find the same; null: as many as there are cores and work for; default: one. */
    concurrency?: number | null,
    /** What was explored in checks before; null: nothing. */
    store?: ReportStore | null,
  ): Promise<CheckResult>;
  /** What the analyzer knows about one line of one of the files. */
  why(files: readonly SourceFile[], place: WhyPlace, parser: Parser, settings: Settings): Why;
}

/** The text of what a command works on. */
export interface Program {
  /** What was asked for. */
  readonly files: readonly SourceFile[];
  /** What these include besides. */
  readonly headers: readonly SourceFile[];
  readonly unread: readonly Skipped[];
  /** Build files with mistakes, which say nothing of search paths, each with the reason. */
  readonly brokenBuildFiles: readonly string[];
  /** Complete sentences for a person. */
  readonly notes: readonly string[];
}

export interface Analysis {
  readonly result: CheckResult;
  /** Functions and files left out, with those that could not be read. */
  readonly skipped: readonly Skipped[];
  readonly brokenBuildFiles: readonly string[];
  /** Complete sentences for a person. */
  readonly notes: readonly string[];
  /** What comments take for intended. */
  readonly suppressed: readonly Suppressed[];
  readonly linesOf: SourceLines;
  /** What was asked for and could be read. */
  readonly files: readonly SourceFile[];
}

export interface ProgramRequest {
  /** Files, folders, globs; `-` is standard input. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** null: no path is `-`. */
  readonly input: StandardInput | null;
  readonly project: Project;
  /** By absolute path: what takes the place of what is on disk. */
  readonly texts: ReadonlyMap<string, string>;
  /** Leave out what the project excludes even where it is named. */
  readonly forceExclude: boolean;
  /** Whether a file may be looked at, by absolute path; without it: every one. */
  readonly mayRead?: (path: string) => boolean;
}

export interface StandardInput {
  /** The name that it is checked under; need not exist. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface AnalysisRequest extends ProgramRequest {
  readonly parser: ParserChoice;
  readonly rules: readonly RuleDocs[];
  /** Also what the settings leave out: every rule, at every confidence. */
  readonly everything: boolean;
  /** null: comments that suppress findings are not heeded. unused: whether to tell of idle ones. */
  readonly suppressions: { readonly unused: boolean } | null;
  /** Of what was checked before; null: none. */
  readonly cache: ResultCache | null;
  readonly memory: CheckMemory | null;
  /** Threads; null: as many as there are cores and work for. */
  readonly concurrency: number | null;
  /** Called while the check runs. */
  readonly tell: (progress: Progress) => void;
}

/** Throws UsageError for a path that does not exist or a parser that does not load. */
export async function analyze(request: AnalysisRequest, engine: Engine): Promise<Analysis> {
  const program = await readProgram(request);
  const { files, headers, unread, notes } = program;
  const settingsOf = fileSettings(program, request);
  const heeded = request.suppressions === null ? new Map() : suppressionsOf(files, settingsOf);
  // What is suppressed may be a finding that is not shown anyway.
  const everything = request.everything || heeded.size > 0;
  const result = await run(program, { ...request, everything }, settingsOf, engine);
  const { findings, suppressed } = afterSuppressions(result.findings, heeded, settingsOf, request);
  const skipped = [...unread, ...result.skipped];
  const texts = [...files, ...headers].map(({ file, text }) => [file, text] as const);
  return {
    result: { ...result, findings },
    suppressed,
    skipped,
    brokenBuildFiles: program.brokenBuildFiles,
    notes: [...notes, ...skippedNotes(skipped)],
    linesOf: sourceLines(new Map(texts)),
    files,
  };
}

type SettingsByFile = ReadonlyMap<string, FileSettings>;

function fileSettings({ files }: Program, { project, cwd }: AnalysisRequest): SettingsByFile {
  return new Map(files.map(({ file }) => [file, project.settingsOf(resolve(cwd, file))] as const));
}

type SuppressionsByFile = ReadonlyMap<string, readonly Suppression[]>;

/** Of files that have any. */
function suppressionsOf(
  files: readonly SourceFile[],
  settingsOf: SettingsByFile,
): SuppressionsByFile {
  return new Map(
    files.flatMap(({ file, text }) => {
      const heedsNolint = settingsOf.get(file)?.nolint !== false;
      const own = suppressionsIn(file, text).filter(({ kind }) => heedsNolint || kind === 'own');
      return own.length === 0 ? [] : [[file, own] as const];
    }),
  );
}

function afterSuppressions(
  all: readonly Finding[],
  heeded: SuppressionsByFile,
  settingsOf: SettingsByFile,
  { everything, suppressions, rules }: AnalysisRequest,
): { readonly findings: readonly Finding[]; readonly suppressed: readonly Suppressed[] } {
  const isShown = (finding: Finding): boolean => {
    const own = settingsOf.get(finding.at.file);
    return everything || (own !== undefined && isReported(finding, own, rules));
  };
  const { kept, suppressed, used } = applySuppressions(all, (file) => heeded.get(file) ?? []);
  const told = suppressions?.unused === true ? used : null;
  const remarks = [...heeded].flatMap(([file, own]) => {
    const settings = settingsOf.get(file);
    return settings === undefined ? [] : remarksOn(own, told, settings, rules);
  });
  const order = new Map([...settingsOf.keys()].map((file, index) => [file, index]));
  const place = ({ at }: Finding): number => order.get(at.file) ?? 0;
  return {
    findings: [...kept.filter(isShown), ...remarks].toSorted(
      (a, b) => place(a) - place(b) || a.at.line - b.at.line || a.at.column - b.at.column,
    ),
    suppressed: suppressed.filter(({ finding }) => isShown(finding)),
  };
}

/** Throws UsageError for a path that does not exist. */
export async function readProgram(request: ProgramRequest): Promise<Program> {
  const { paths, cwd, input, mayRead = () => true } = request;
  const onDisk = paths.filter((path) => path !== '-');
  const found = findFiles(onDisk, cwd, request);
  const notes = [...found.notes];
  const unread: Skipped[] = [];
  const named = new Map<string, string>();
  const given = input === null ? null : resolve(cwd, input.file);
  const files = given === null ? found.files : [...new Set([...found.files, given])];
  for (const path of files.filter(mayRead).toSorted(byPath)) {
    const file = displayPath(path, cwd);
    const source = sourceOf(path, path === given ? input : null, request.texts);
    if (source.kind === 'skipped') {
      unread.push({ file, function: null, reason: source.reason });
    } else {
      if (source.note !== null) notes.push(`${file}: ${source.note}.`);
      named.set(path, source.text);
    }
  }
  const includes = projectIncludes(disk, mayRead);
  const headers = sourceFiles(await readHeaders(named, includes, mayRead), cwd, includes);
  const checked = sourceFiles(named, cwd, includes);
  const brokenBuildFiles = Array.from(
    includes.broken(),
    ([path, reason]) => `${displayPath(path, cwd)}: ${reason}`,
  );
  return { files: checked, headers, unread, brokenBuildFiles, notes };
}

function sourceOf(
  path: string,
  input: StandardInput | null,
  texts: ReadonlyMap<string, string>,
): Source {
  const text = texts.get(path);
  if (text !== undefined) return { kind: 'text', text, note: null };
  return input === null ? readSource(path) : decode(input.bytes);
}

function sourceFiles(
  texts: ReadonlyMap<string, string>,
  cwd: string,
  includes: ProjectIncludes,
): SourceFile[] {
  return Array.from(texts, ([path, text]) => {
    const includePaths = includes.of(path).map((folder) => displayPath(folder, cwd));
    return { file: displayPath(path, cwd), text, includePaths };
  });
}

const EVERYTHING = { select: ['all'], ignore: [], minConfidence: 'possible' } as const;

/** Checks with the headers, tells of the files. */
async function run(
  { files, headers }: Program,
  request: AnalysisRequest,
  settingsOf: SettingsByFile,
  engine: Engine,
): Promise<CheckResult> {
  if (files.length === 0) {
    return { findings: [], skipped: [], stats: NO_STATS };
  }
  const union = unionOf([...settingsOf.values()]);
  const settings = request.everything ? { ...union, ...EVERYTHING } : union;
  const wanted = files.filter(
    ({ file, text }) => settingsOf.get(file)?.generated !== false || !isGenerated(text),
  );
  const input = { files: [...wanted, ...headers], settings };
  const result = request.cache?.read(input) ?? (await checkAnew(input, request, engine));
  return {
    findings: result.findings.flatMap((finding) => {
      const own = settingsOf.get(finding.at.file);
      return own === undefined ? [] : [withSeverity(finding, own)];
    }),
    skipped: result.skipped.filter(({ file }) => settingsOf.has(file)),
    stats: { ...result.stats, files: files.length },
  };
}

async function checkAnew(
  input: CheckInput,
  { parser: choice, tell, cache, memory, concurrency }: AnalysisRequest,
  engine: Engine,
): Promise<CheckResult> {
  const { files, settings } = input;
  const parser = await loadParser(choice, engine);
  const store = cache?.reports ?? null;
  const result = await engine.check(files, parser, settings, tell, memory, concurrency, store);
  cache?.write(input, result);
  return result;
}

/** Throws UsageError when it does not load. */
export async function loadParser(choice: ParserChoice, engine: Engine): Promise<Parser> {
  try {
    return await engine.loadParser(choice);
  } catch (error) {
    throw new UsageError(errorMessage(error));
  }
}

/** A line for each file; functions are counted, since generated code may lose hundreds. */
function skippedNotes(skipped: readonly Skipped[]): string[] {
  const notes: string[] = [];
  const functions = new Map<string, Skipped[]>();
  for (const item of skipped) {
    if (item.function === null) {
      notes.push(`${item.file}: skipped, ${item.reason}.`);
    } else {
      const own = functions.get(item.file);
      if (own === undefined) functions.set(item.file, [item]);
      else own.push(item);
    }
  }
  for (const [file, [first, ...others]] of functions) {
    if (first === undefined) continue;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    notes.push(`${file}: not analyzed: ${first.function} (${first.reason})${more}.`);
  }
  return notes;
}
