// A check cut into steps that know nothing but their inputs: index one file, link the indexes into a plan for each
// file, explore the functions of one file by its plan. The last step, which makes findings of what was
// explored, is a check that is given what these have made. Same inputs, same bytes.
import { CallGraph } from '../flow/call-graph.ts';
import { Explorer } from '../flow/explorer.ts';
import { emptyDeclarations } from '../cfg/declarations.ts';
import { type ParsedFile, unitOf } from '../flow/unit.ts';
import { prepareInSteps } from '../prepare.ts';
import { runSteps } from '../run-steps.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import { SourceText } from '../syntax/source-text.ts';
import type { IndexedFile } from './index-file.ts';
import { exploreComponents, explorerOf } from './part.ts';
import { type Plan, type PlannedFile, Planner } from './plan.ts';
import { ReportTexts } from './reports.ts';

const NOTHING_TO_EXPLORE: Plan = {
  files: [],
  facts: {
    pointers: { members: [], loaded: [], written: [] },
    detached: [],
    threadChangers: [],
    order: [],
  },
  own: [],
};

/** Rules are chosen, and files left out, when findings are made. */
const EVERYTHING: Settings = { ...DEFAULT_SETTINGS, select: ['all'] };

export interface LinkInput extends IndexedFile {
  /** Where it was read. */
  readonly path: string;
}

/** By file: a plan for each. The order of the inputs does not matter. */
export function link(
  inputs: readonly LinkInput[],
  parser: Parser,
  functions: Settings['functions'],
): ReadonlyMap<string, Plan> {
  const byFile = new Map(inputs.map((input) => [input.source.file, input]));
  const sources = inputs.map(({ source }) => source);
  const settings = { ...EVERYTHING, functions };
  const prepared = runSteps(
    prepareInSteps(sources, parser, settings, null, ({ file }) => byFile.get(file)!.parsed),
  );
  const { components } = new Explorer(prepared.graph);
  const indexOf = (file: string): { index: string; hash: string } => {
    const { path, hash } = byFile.get(file)!;
    return { index: path, hash };
  };
  const planner = new Planner({ ...prepared, components, indexOf });
  const parsed = new Set(prepared.parsed);
  return new Map(
    inputs.map((input) => [
      input.source.file,
      parsed.has(input.parsed) ? planner.planOf(input.parsed) : NOTHING_TO_EXPLORE,
    ]),
  );
}

/** What comes of the functions of the file that the plan is for, as text. `indexOf`: by file. */
export function explorePlan(
  plan: Plan,
  parser: Parser,
  indexOf: (file: PlannedFile & { readonly kind: 'read' }) => IndexedFile,
): string {
  const graph = graphOf(plan, parser, indexOf);
  const explorer = explorerOf(graph, EVERYTHING);
  const reports = runSteps(exploreComponents(graph, explorer, plan.own));
  return new ReportTexts(graph).write(reports);
}

function graphOf(
  plan: Plan,
  parser: Parser,
  indexOf: (file: PlannedFile & { readonly kind: 'read' }) => IndexedFile,
): CallGraph {
  const parsed = new Map(
    plan.files.map((each) => [
      each.file,
      each.kind === 'read' ? indexOf(each).parsed : namedFile(each),
    ]),
  );
  return new CallGraph(
    plan.files.map((each) => {
      const file = parsed.get(each.file)!;
      const names = each.kind === 'read' ? each.headers : [];
      const headers = names.map((name) => parsed.get(name)!);
      return { file, headers, unit: unitOf(file, headers, parser) };
    }),
    plan.facts,
  );
}

/** A file of which nothing is known but which functions it defines. */
function namedFile({
  file,
  language,
  functions,
}: PlannedFile & { readonly kind: 'named' }): ParsedFile {
  return {
    source: new SourceText(file, ''),
    language,
    isGenerated: false,
    macros: new Map(),
    declarations: emptyDeclarations(),
    functions: functions.map(({ name, isStatic, isConditional }) => ({
      name,
      isStatic,
      text: '',
      start: 0,
      end: 0,
      conditions: isConditional ? [{ text: '', holds: true }] : [],
      mentions: new Set(),
      body: null,
    })),
    types: [],
    methods: new Set(),
    isExtension: false,
    pointers: { globals: [], tables: [], lists: [], members: [] },
    includes: [],
  };
}
