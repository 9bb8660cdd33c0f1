// From paths to findings, shared by the commands: find the files, read them, load a parser, run the
// analyzer. The analyzer is handed in, so a test can put its own in its place.
import {
  type CheckResult,
  NO_STATS,
  type Progress,
  type Skipped,
  type SourceFile,
} from '../check.ts';
import { resolve } from 'node:path';
import { byPath, displayPath } from '../files/c-files.ts';
import { decode, readSource } from '../files/read-source.ts';
import type { Why, WhyPlace } from '../explain/why.ts';
import { isReported, type Project, unionOf, withSeverity } from '../config/project.ts';
import { isGenerated } from '../preprocess/generated.ts';
import type { RuleDocs } from '../rules/rule.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import { UsageError } from './exit.ts';
import { findFiles } from './find-files.ts';
import { readHeaders } from './read-headers.ts';
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
  /** Complete sentences for a person. */
  readonly notes: readonly string[];
}

export interface Analysis {
  readonly result: CheckResult;
  /** Functions and files left out, with those that could not be read. */
  readonly skipped: readonly Skipped[];
  /** Complete sentences for a person. */
  readonly notes: readonly string[];
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
  /** Leave out what the project excludes even where it is named. */
  readonly forceExclude: boolean;
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
  /** Called while the check runs. */
  readonly tell: (progress: Progress) => void;
}

/** Throws UsageError for a path that does not exist or a parser that does not load. */
export async function analyze(request: AnalysisRequest, engine: Engine): Promise<Analysis> {
  const program = await readProgram(request);
  const { files, headers, unread, notes } = program;
  const result = await run(program, request, engine);
  const skipped = [...unread, ...result.skipped];
  const texts = [...files, ...headers].map(({ file, text }) => [file, text] as const);
  return {
    result,
    skipped,
    notes: [...notes, ...skippedNotes(skipped)],
    linesOf: sourceLines(new Map(texts)),
    files,
  };
}

/** Throws UsageError for a path that does not exist. */
export async function readProgram(request: ProgramRequest): Promise<Program> {
  const { paths, cwd, input } = request;
  const onDisk = paths.filter((path) => path !== '-');
  const found = findFiles(onDisk, cwd, request);
  const notes = [...found.notes];
  const unread: Skipped[] = [];
  const named = new Map<string, string>();
  const given = input === null ? null : resolve(cwd, input.file);
  const files = given === null ? found.files : [...new Set([...found.files, given])];
  for (const path of files.toSorted(byPath)) {
    const file = displayPath(path, cwd);
    const source = input !== null && path === given ? decode(input.bytes) : readSource(path);
    if (source.kind === 'skipped') {
      unread.push({ file, function: null, reason: source.reason });
    } else {
      if (source.note !== null) notes.push(`${file}: ${source.note}.`);
      named.set(path, source.text);
    }
  }
  const headers = sourceFiles(await readHeaders(named), cwd);
  return { files: sourceFiles(named, cwd), headers, unread, notes };
}

function sourceFiles(texts: ReadonlyMap<string, string>, cwd: string): SourceFile[] {
  return Array.from(texts, ([path, text]) => ({ file: displayPath(path, cwd), text }));
}

const EVERYTHING = { select: ['all'], ignore: [], minConfidence: 'possible' } as const;

/** Checks with the headers, tells of the files. */
async function run(
  { files, headers }: Program,
  request: AnalysisRequest,
  engine: Engine,
): Promise<CheckResult> {
  if (files.length === 0) {
    return { findings: [], skipped: [], stats: NO_STATS };
  }
  const { project, cwd, rules } = request;
  const settingsOf = new Map(
    files.map(({ file }) => [file, project.settingsOf(resolve(cwd, file))] as const),
  );
  const parser = await loadParser(request.parser, engine);
  const union = unionOf([...settingsOf.values()]);
  const settings = request.everything ? { ...union, ...EVERYTHING } : union;
  const wanted = files.filter(
    ({ file, text }) => settingsOf.get(file)?.generated !== false || !isGenerated(text),
  );
  const result = await engine.check([...wanted, ...headers], parser, settings, request.tell);
  const names = new Set(files.map(({ file }) => file));
  return {
    findings: result.findings.flatMap((finding) => {
      const own = settingsOf.get(finding.at.file);
      if (own === undefined) return [];
      if (!request.everything && !isReported(finding, own, rules)) return [];
      return [withSeverity(finding, own)];
    }),
    skipped: result.skipped.filter(({ file }) => names.has(file)),
    stats: { ...result.stats, files: files.length },
  };
}

/** Throws UsageError when it does not load. */
export async function loadParser(choice: ParserChoice, engine: Engine): Promise<Parser> {
  try {
    return await engine.loadParser(choice);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
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
