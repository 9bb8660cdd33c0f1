// A check by several threads. Each has the whole program in view; one leads: it hands out what is to be parsed and
// explored, does its own part of it, and concludes from everything what a check in one thread concludes.
import type { CheckResult, Progress, SourceFile } from '../check.ts';
import { Conclusions } from '../conclusions.ts';
import { AnalysisRecord, exploreFurther } from '../flow/analyze.ts';
import type { FunctionKey } from '../flow/exploration-memory.ts';
import type { FunctionReport } from '../flow/explorer.ts';
import type { ParsedFile } from '../flow/unit.ts';
import { inTurns } from '../in-turns.ts';
import { ownRows, stepsWithRows, withRows } from '../knowledge/row.ts';
import { linked, relevantFiles } from '../prepare.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import { exploreComponents, explorerOf } from './part.ts';
import { ReportTexts } from './reports.ts';
import type { IndexedFile } from './index-file.ts';
import { KeptReports, type ReportStore } from './kept-reports.ts';
import { Schedule } from './schedule.ts';
import { parseTogether } from './shared-parsing.ts';
import { type Helper, Team } from './team.ts';

/** What the steps before the last one have made. */
export interface StepOutputs {
  /** By file. */
  readonly indexes: ReadonlyMap<string, IndexedFile>;
  /** As ReportTexts writes them. */
  readonly reports: readonly string[];
}

export interface PartsOptions {
  readonly helpers: readonly Helper[];
  /** What is missing in it is done. */
  readonly made?: StepOutputs;
  /** Of the checks before; null: nothing is kept. */
  readonly store?: ReportStore | null;
  readonly tell: (progress: Progress) => void;
}

const NOTHING_MADE: StepOutputs = { indexes: new Map(), reports: [] };

/** The number of helpers does not change the result. Helpers are ended. */
export async function checkInParts(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  { helpers, made = NOTHING_MADE, store = null, tell }: PartsOptions,
): Promise<CheckResult> {
  const rows = ownRows(settings.functions);
  const team = new Team(helpers);
  try {
    const indexed = ({ file, text }: SourceFile): ParsedFile | null => {
      const index = made.indexes.get(file);
      return index?.source.text === text ? index.parsed : null;
    };
    // Where headers are found is what the indexes were linked with.
    const sources = files.map((file) =>
      indexed(file) === null ? file : made.indexes.get(file.file)!.source,
    );
    const relevant = withRows(rows, () => relevantFiles(sources, settings));
    team.tellAll({ kind: 'program', files: relevant, settings, parser: parser.backend });
    const parsing = parseTogether(relevant, { parser, team, known: indexed });
    const parsed = await inTurns(stepsWithRows(rows, parsing), tell);
    const prepared = withRows(rows, () => linked(parsed, relevant, parser));
    const { graph } = prepared;
    const explorer = explorerOf(graph, settings);
    const firsts = explorer.components.map((cycle) => graph.keyOf(cycle[0]!));
    const count = firsts.length;
    const reports = new Map<FunctionKey, readonly FunctionReport[]>();
    const texts = withRows(rows, () => new ReportTexts(graph));
    const addTexts = (written: readonly string[]): void => {
      for (const text of written) {
        const read = withRows(rows, () => texts.read(text));
        for (const [first, each] of read) reports.set(first, each);
      }
    };
    addTexts(made.reports);
    const program = { ...prepared, components: explorer.components, sources, settings };
    const kept = store && withRows(rows, () => new KeptReports(program, texts, store));
    for (const [first, each] of withRows(rows, () => kept?.read() ?? [])) reports.set(first, each);
    const missing = (): number[] =>
      [...firsts.keys()].filter((index) => !reports.has(firsts[index]!));
    const schedule = new Schedule(explorer.components, graph, helpers.length + 1, missing());
    const explore = async (components: readonly number[]): Promise<void> => {
      const steps = exploreComponents(graph, explorer, components);
      const own = await inTurns(stepsWithRows(rows, steps), () => {
        tell({ phase: 'explore', done: reports.size + team.explored, of: count });
      });
      for (const [first, each] of own) reports.set(first, each);
    };
    team.explore((helper) => schedule.next(helper));
    for (let share = schedule.next(0); share.length > 0; share = schedule.next(0)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other: a helper may take what is left
      await explore(share);
    }
    await team.finished();
    addTexts(team.texts);
    // What a helper left when it ended before its time.
    await explore(missing());
    withRows(rows, () => kept?.write(reports));
    const conclusions = new Conclusions(prepared, settings);
    const record = new AnalysisRecord(graph, (event) => conclusions.add(event));
    withRows(rows, () => {
      for (const first of firsts) for (const report of reports.get(first)!) record.add(report);
    });
    const wanted = withRows(rows, () => conclusions.wanted());
    await inTurns(stepsWithRows(rows, exploreFurther(graph, explorer, record, wanted)));
    return withRows(rows, () => conclusions.result(files, record.analysis()));
  } finally {
    team.end();
  }
}
