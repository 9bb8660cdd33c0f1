// What the analysis knows about the pointers on one line, and why it speaks or is silent there: a check
// that is watched. Data only; the command line makes text of it.
import { check, type SourceFile } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { FunctionNode } from '../flow/call-graph.ts';
import { ownRows, withRows } from '../knowledge/row.ts';
import { RULES } from '../rules/index.ts';
import { atLeast, isSelected, type Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import { calleeNotes } from './callee-notes.ts';
import { type LineWatch, lineWatch, type SeenPointer } from './line-watch.ts';
import { fateOf, graphsOf, Program } from './program.ts';
import { releaseReasons } from './release-reasons.ts';
import { type SlotHistory, slotHistories } from './slot-history.ts';
import { withoutCode } from './without-code.ts';

export interface WhyPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface Why extends WhyPlace {
  /** The line, trimmed. */
  readonly text: string;
  /** The functions that the line is in; several under different preprocessor conditions. */
  readonly functions: readonly WhyFunction[];
  readonly pointers: readonly SeenPointer[];
  /** Where the fields, elements and globals among the pointers are stored to and released. */
  readonly slots: readonly SlotHistory[];
  readonly findings: readonly WhyFinding[];
  /** Why nothing more is said; complete sentences. */
  readonly reasons: readonly string[];
}

export interface WhyFunction {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  /** Null: explored whole. Else why not, or not whole. */
  readonly gap: string | null;
}

export interface WhyFinding {
  readonly finding: Finding;
  /** Null: it is reported. */
  readonly hiddenBecause: string | null;
}

/** `place.file` is one of the files, `place.line` one of its lines. */
export function why(
  files: readonly SourceFile[],
  place: WhyPlace,
  parser: Parser,
  settings: Settings,
): Why {
  return withRows(ownRows(settings.functions), () => whyAmong(files, place, parser, settings));
}

function whyAmong(
  files: readonly SourceFile[],
  place: WhyPlace,
  parser: Parser,
  settings: Settings,
): Why {
  const program = new Program(files, parser);
  const nodes = program.functionsIn(place.file).filter((node) => contains(node, place.line));
  // Summaries tell why a callee says nothing: known before the line is watched.
  const first = program.explored();
  const watches = new Map<FunctionNode, LineWatch>(
    nodes.map((node) => [node, lineWatch(node, place.line, calleeNotes(program, first, node))]),
  );
  const explored = program.observed((node) => watches.get(node)?.observe ?? null);
  const pointers = [...watches.values()].flatMap((watch) => watch.pointers());
  const functions = nodes.map((node) => whyFunction(node, fateOf(explored, node)));
  const findings = whyFindings(files, place, parser, settings);
  const slots = slotHistories(program, explored.events, slotsOf(pointers), place.file);
  const file = program.files.find(({ source }) => source.file === place.file);
  const reached = [...watches.values()].some((watch) => watch.wasReached());
  return {
    ...place,
    text: file?.source.line(place.line) ?? '',
    functions,
    pointers,
    slots,
    findings,
    reasons: [
      ...(nodes.length === 0 && file !== undefined ? [withoutCode(file, place.line)] : []),
      ...functions.flatMap(({ name, gap }) => (gap === null ? [] : [`${name}(): ${gap}.`])),
      ...(nodes.length > 0 && !reached ? [notReached(nodes, place.line)] : []),
      ...(reached && pointers.length === 0 ? ['No pointer that is followed is on this line.'] : []),
      ...releaseReasons(explored.events, place, slots),
    ],
  };
}

function contains({ file, definition }: FunctionNode, line: number): boolean {
  const span = file.source.span(definition.start, definition.end);
  return span.line <= line && line <= span.endLine;
}

function whyFunction({ file, definition }: FunctionNode, gap: string | null): WhyFunction {
  const { line, endLine } = file.source.span(definition.start, definition.end);
  return { name: definition.name, line, endLine, gap };
}

function slotsOf(pointers: readonly SeenPointer[]): ReadonlySet<string> {
  const used = pointers.filter(({ how }) => how !== 'read' || pointers.length === 1);
  return new Set(used.flatMap(({ values }) => values.flatMap(({ slot }) => slot ?? [])));
}

/** Code that nothing leads to has no place in the graph. */
function notReached(nodes: readonly FunctionNode[], line: number): string {
  const hasCode = nodes.flatMap(graphsOf).some((cfg) => {
    if (typeof cfg === 'string') return false;
    return cfg.blocks.some(
      ({ instructions, terminator }) =>
        instructions.some(({ at }) => at.line === line) ||
        ('at' in terminator && terminator.at.line === line),
    );
  });
  return hasCode
    ? 'No path that was followed gets to this line.'
    : 'No statement that can be reached begins on this line.';
}

/** What every rule says at every confidence, and whether the settings let it through. */
function whyFindings(
  files: readonly SourceFile[],
  place: WhyPlace,
  parser: Parser,
  settings: Settings,
): WhyFinding[] {
  const every: Settings = {
    ...settings,
    select: ['all'],
    ignore: [],
    minConfidence: 'possible',
    generated: true,
  };
  const { findings } = check(files, parser, every);
  return findings
    .filter(({ at }) => at.file === place.file && at.line <= place.line && place.line <= at.endLine)
    .map((finding) => ({ finding, hiddenBecause: hiddenBecause(finding, settings) }));
}

function hiddenBecause({ rule, confidence }: Finding, settings: Settings): string | null {
  const docs = RULES.find(({ id }) => id === rule);
  if (docs !== undefined && !isSelected(docs, settings)) return 'the settings leave its rule out';
  return atLeast(confidence, settings.minConfidence)
    ? null
    : `its confidence, ${confidence}, is below ${settings.minConfidence}`;
}
