// The whole pipeline: C text in, findings out.
import { analyzeInSteps } from './flow/analyze.ts';
import type { CheckMemory } from './check-memory.ts';
import { Conclusions } from './conclusions.ts';
import type { Finding } from './finding.ts';
import { ownRows, stepsWithRows } from './knowledge/row.ts';
import { prepareInSteps } from './prepare.ts';
import { runSteps } from './run-steps.ts';
import type { Settings } from './settings.ts';
import type { Parser } from './syntax/parser.ts';

export interface SourceFile {
  /** A path or a URI; every span names the file so. */
  readonly file: string;
  readonly text: string;
  /** Folders, named as files are, in which what it includes is looked up, after its own for quoted names. */
  readonly includePaths?: readonly string[];
}

/** A part of a file that was not analyzed, and why. */
export interface Skipped {
  readonly file: string;
  /** null: the whole file. */
  readonly function: string | null;
  readonly reason: string;
}

export interface CheckStats {
  readonly files: number;
  readonly lines: number;
  readonly functions: number;
  /** Basic blocks executed by the path exploration. */
  readonly steps: number;
  /** Files that mention no memory function and were not parsed. */
  readonly unparsed: number;
  /** Functions that were explored: the others neither handle memory nor get any. */
  readonly explored: number;
  /** Functions of which not every path was followed: the budget ran out. */
  readonly partial: readonly FunctionSteps[];
  /** The explored functions with the most steps, most first. */
  readonly slowest: readonly FunctionSteps[];
}

export interface FunctionSteps {
  readonly file: string;
  readonly function: string;
  readonly steps: number;
}

/** Of a check of nothing. */
export const NO_STATS: CheckStats = {
  files: 0,
  lines: 0,
  functions: 0,
  steps: 0,
  unparsed: 0,
  explored: 0,
  partial: [],
  slowest: [],
};

/** How far a check has come. */
export type Progress =
  | { readonly phase: 'parse'; readonly done: number; readonly of: number }
  /** Not all of them are explored. */
  | { readonly phase: 'explore'; readonly done: number; readonly of: number };

export interface CheckResult {
  /** In the order of files, then lines. */
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skipped[];
  readonly stats: CheckStats;
}

/** Checks the files together. Deterministic: same texts, same findings, same order. */
export function check(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  memory: CheckMemory | null = null,
  tell: (progress: Progress) => void = () => undefined,
): CheckResult {
  return runSteps(checkInSteps(files, parser, settings, memory), tell);
}

/** The same, for whoever has to do something else in between; it stops at each file and function. */
export function* checkInSteps(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  memory: CheckMemory | null = null,
): Generator<Progress, CheckResult> {
  const steps = stepsOf(files, parser, settings, memory);
  return yield* stepsWithRows(ownRows(settings.functions), steps);
}

function* stepsOf(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  memory: CheckMemory | null,
): Generator<Progress, CheckResult> {
  const prepared = yield* prepareInSteps(files, parser, settings, memory);
  const { graph } = prepared;
  const conclusions = new Conclusions(prepared, settings);
  const steps = analyzeInSteps(graph, (event) => conclusions.add(event), {
    wanted: () => conclusions.wanted(),
    memory: memory?.functions ?? null,
  });
  for (let done = 0; ; done++) {
    const step = steps.next();
    if (step.done === true) {
      const result = conclusions.result(files, step.value);
      // What the memory keeps is moved by later checks.
      return memory === null ? result : { ...result, findings: structuredClone(result.findings) };
    }
    yield { phase: 'explore', done, of: graph.nodes.length };
  }
}
