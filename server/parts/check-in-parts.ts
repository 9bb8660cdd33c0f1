// A check by several threads. Each has the whole program in view; one leads: it hands out what is to be
// explored, explores itself, and concludes from everything what a check in one thread concludes.
import type { CheckResult, Progress, SourceFile } from '../check.ts';
import { Conclusions } from '../conclusions.ts';
import { AnalysisRecord, exploreFurther } from '../flow/analyze.ts';
import type { FunctionKey } from '../flow/exploration-memory.ts';
import type { FunctionReport } from '../flow/explorer.ts';
import type { ParsedFile } from '../flow/unit.ts';
import { inTurns } from '../in-turns.ts';
import { ownRows, stepsWithRows, withRows } from '../knowledge/row.ts';
import { prepareInSteps } from '../prepare.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import type { FromHelper, ToHelper } from './messages.ts';
import { exploreComponents, explorerOf } from './part.ts';
import { ReportTexts } from './reports.ts';
import type { IndexedFile } from './index-file.ts';
import { KeptReports, type ReportStore } from './kept-reports.ts';
import { Schedule } from './schedule.ts';

/** A thread that helps. */
export interface Helper {
  send(message: ToHelper): void;
  /** `message`: null when it has ended, for whatever reason. */
  listen(heard: (message: FromHelper | null) => void): void;
  end(): void;
}

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

/** Shares that a helper has before it: it goes on while the leader is busy with a long function. */
const AHEAD = 2;

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
    team.tellAll({ kind: 'program', files, settings, parser: parser.backend });
    const indexed = ({ file, text }: SourceFile): ParsedFile | null => {
      const index = made.indexes.get(file);
      return index?.source.text === text ? index.parsed : null;
    };
    // Where headers are found is what the indexes were linked with.
    const sources = files.map((file) =>
      indexed(file) === null ? file : made.indexes.get(file.file)!.source,
    );
    const preparing = prepareInSteps(sources, parser, settings, null, indexed);
    const prepared = await inTurns(stepsWithRows(rows, preparing), tell);
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
    team.start((helper) => schedule.next(helper));
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

/** The helpers, and what they have in hand. Helper number 1 is the first. */
class Team {
  readonly #helpers: readonly Helper[];
  readonly #inHand: number[];
  readonly #ready = new Set<number>();
  readonly texts: string[] = [];
  /** Components. */
  explored = 0;
  #next: ((helper: number) => readonly number[]) | null = null;
  #onIdle: () => void = () => undefined;

  constructor(helpers: readonly Helper[]) {
    this.#helpers = helpers;
    this.#inHand = helpers.map(() => 0);
    for (const [i, helper] of helpers.entries())
      helper.listen((message) => this.#heard(i, message));
  }

  tellAll(message: ToHelper): void {
    for (const helper of this.#helpers) helper.send(message);
  }

  /** From here on helpers that are ready get work. `next`: by the number of the helper. */
  start(next: (helper: number) => readonly number[]): void {
    this.#next = next;
    for (const i of this.#ready) this.#give(i);
  }

  /** Resolves when nobody has anything in hand. */
  async finished(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  end(): void {
    for (const helper of this.#helpers) helper.end();
  }

  #isIdle(): boolean {
    return this.#inHand.every((count) => count === 0);
  }

  #heard(i: number, message: FromHelper | null): void {
    if (message?.kind === 'ready') {
      this.#ready.add(i);
    } else if (message?.kind === 'explored') {
      this.#inHand[i]!--;
      this.explored += message.components.length;
      this.texts.push(message.reports);
    } else {
      this.#ready.delete(i);
      this.#inHand[i] = 0;
    }
    this.#give(i);
    if (this.#isIdle()) this.#onIdle();
  }

  #give(i: number): void {
    while (this.#next !== null && this.#ready.has(i) && this.#inHand[i]! < AHEAD) {
      const components = this.#next(i + 1);
      if (components.length === 0) return;
      this.#inHand[i]!++;
      this.#helpers[i]!.send({ kind: 'explore', components });
    }
  }
}
