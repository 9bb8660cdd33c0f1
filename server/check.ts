// The whole pipeline: C text in, findings out.
import { type Analysis, analyzeInSteps, summariesOf } from './flow/analyze.ts';
import type { FlowEvent } from './flow/events.ts';
import { SlotEvidence } from './flow/slot-evidence.ts';
import { TypeEvidence } from './flow/type-evidence.ts';
import { type ParsedFile, parseFile } from './flow/unit.ts';
import type { CheckMemory } from './check-memory.ts';
import type { Finding } from './finding.ts';
import { ownRows, withRows } from './knowledge/row.ts';
import { isGenerated } from './preprocess/generated.ts';
import { FindingCollector } from './report.ts';
import { RULES } from './rules/index.ts';
import { callGraphOf, slotScope } from './workspace.ts';
import { isSelected, type Settings } from './settings.ts';
import { isCxxFileName, isHeader } from './syntax/language.ts';
import type { Parser } from './syntax/parser.ts';

export interface SourceFile {
  /** A path or a URI; every span names the file so. */
  readonly file: string;
  readonly text: string;
  /** Folders, named as files are, in which what it includes with quotes is looked up after its own. */
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

const SLOWEST = 10;

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

/** A source without any of these has nothing to find; it is not parsed. Headers declare structs for others. */
const MENTIONS_MEMORY =
  /alloc|free|Free|FREE|PyMem_|PyObject_(?:GC_)?(?:New|NEW|Del|DEL)|PyArg_|DataMem|DimMem|strn?dup|getline|printf|_THREADS|SaveThread|#[ \t]*define/;
/** Of C++, besides. */
const MENTIONS_OPERATOR = /\b(?:new|delete)\b/;

function mentionsMemory({ file, text }: SourceFile, { functions }: Settings): boolean {
  return (
    MENTIONS_MEMORY.test(text) ||
    (isCxxFileName(file) && MENTIONS_OPERATOR.test(text)) ||
    functions.some(({ name }) => text.includes(name))
  );
}

/** Checks the files together. Deterministic: same texts, same findings, same order. */
export function check(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  memory: CheckMemory | null = null,
): CheckResult {
  const steps = checkInSteps(files, parser, settings, memory);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, for whoever has to do something else in between; it stops at each file and function. */
export function* checkInSteps(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  memory: CheckMemory | null = null,
): Generator<Progress, CheckResult> {
  const steps = stepsOf(files, parser, settings, memory);
  const own = ownRows(settings.functions);
  for (;;) {
    // Between two steps another check may have functions of its own.
    const step = withRows(own, () => steps.next());
    if (step.done === true) return step.value;
    yield step.value;
  }
}

function* stepsOf(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  memory: CheckMemory | null,
): Generator<Progress, CheckResult> {
  const includePaths = new Map(files.map((file) => [file.file, file.includePaths ?? []]));
  memory?.among(settings.functions, includePaths);
  // A header may hide every memory function behind a macro.
  const hidden = files.some(({ file, text }) => isHeader(file) && MENTIONS_MEMORY.test(text));
  const relevant = files
    .filter(({ text }) => settings.generated || !isGenerated(text))
    .filter((file) => hidden || isHeader(file.file) || mentionsMemory(file, settings));
  const parsed: ParsedFile[] = [];
  if (memory !== null) parsed.push(...memory.parse(relevant, parser));
  else {
    for (const { file, text } of relevant) {
      yield { phase: 'parse', done: parsed.length, of: relevant.length };
      parsed.push(parseFile(file, text, parser));
    }
  }
  const graph = callGraphOf(parsed, parser, (file) => includePaths.get(file) ?? []);
  memory?.functions.within(graph.pointers.fingerprint());
  const rules = RULES.filter((rule) => isSelected(rule, settings));
  const collector = new FindingCollector(rules, parsed, settings);
  const slots = new SlotEvidence(slotScope(parsed));
  const types = new TypeEvidence(graph.types);
  const listen = (event: FlowEvent): void => {
    slots.add(event);
    types.add(event);
    collector.add(event, 'definite');
  };
  const steps = analyzeInSteps(graph, listen, {
    wanted: () => slots.disputed(),
    memory: memory?.functions ?? null,
  });
  let analysis: Analysis | null = null;
  for (let done = 0; analysis === null; done++) {
    const step = steps.next();
    if (step.done === true) analysis = step.value;
    else yield { phase: 'explore', done, of: graph.nodes.length };
  }
  for (const { event, isCertain } of slots.mismatches()) {
    collector.add(event, isCertain ? 'likely' : 'possible');
  }
  for (const event of types.mismatches(summariesOf(graph, analysis))) {
    collector.add(event, 'likely');
  }
  for (const event of types.trackedDestructions()) collector.add(event, 'likely');
  for (const event of types.idleDeallocs(summariesOf(graph, analysis))) {
    collector.add(event, 'likely');
  }
  const findings = collector.findings(files.map((f) => f.file));
  return {
    // What the memory keeps is moved by later checks.
    findings: memory === null ? findings : structuredClone(findings),
    skipped: analysis.unanalyzed,
    stats: {
      files: files.length,
      lines: files.reduce((n, f) => n + countLines(f.text), 0),
      functions: analysis.functions,
      steps: analysis.steps,
      unparsed: files.length - relevant.length,
      explored: analysis.explored.length,
      partial: analysis.explored.filter(({ isPartial }) => isPartial).map(functionSteps),
      slowest: analysis.explored
        .toSorted((a, b) => b.steps - a.steps)
        .slice(0, SLOWEST)
        .map(functionSteps),
    },
  };
}

function functionSteps({ file, function: name, steps }: FunctionSteps): FunctionSteps {
  return { file, function: name, steps };
}

function countLines(text: string): number {
  let lines = text === '' || text.endsWith('\n') ? 0 : 1;
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines++;
  return lines;
}
