// What the exploration of each file gave, kept from one check to the next by the content of everything that it
// depends on: its plan, which names the texts that are read for it and what the rest of the program says of
// the names in it. Where a plan is the same as before, its file need not be explored again.
import { createHash } from 'node:crypto';
import type { SourceFile } from '../check.ts';
import type { FunctionNode } from '../flow/call-graph.ts';
import type { FunctionKey } from '../flow/exploration-memory.ts';
import type { FunctionReport } from '../flow/explorer.ts';
import type { Prepared } from '../prepare.ts';
import type { Settings } from '../settings.ts';
import { Planner } from './plan.ts';
import { type ComponentReports, ReportError, type ReportTexts } from './reports.ts';

/** Texts by name, on disk or elsewhere. Neither call throws. */
export interface ReportStore {
  /** null: it is not there, or not as it was written. */
  read(name: string): string | null;
  write(name: string, text: string): void;
  /** All of a check is written: it may forget what is old. */
  prune(): void;
}

interface Program extends Prepared {
  readonly components: readonly (readonly FunctionNode[])[];
  readonly sources: readonly SourceFile[];
  readonly settings: Settings;
}

interface Kept {
  /** In the store. */
  readonly name: string;
  /** The first functions of its components. */
  readonly firsts: readonly FunctionKey[];
  isThere: boolean;
}

export class KeptReports {
  readonly #store: ReportStore;
  readonly #texts: ReportTexts;
  readonly #files: readonly Kept[];

  constructor(program: Program, texts: ReportTexts, store: ReportStore) {
    this.#store = store;
    this.#texts = texts;
    this.#files = filesOf(program);
  }

  /** Of the files that are as they were. */
  read(): ComponentReports {
    const all = new Map<FunctionKey, readonly FunctionReport[]>();
    for (const file of this.#files) {
      const reports = this.#reportsOf(file.name);
      file.isThere = reports !== null && file.firsts.every((first) => reports.has(first));
      if (!file.isThere) continue;
      for (const first of file.firsts) all.set(first, reports!.get(first)!);
    }
    return all;
  }

  /** Of the files that were not there. `reports`: all of the program. */
  write(reports: ComponentReports): void {
    for (const { name, firsts, isThere } of this.#files) {
      if (isThere) continue;
      const own = new Map(firsts.map((first) => [first, reports.get(first)!]));
      this.#store.write(name, this.#texts.write(own));
    }
    if (this.#files.some(({ isThere }) => !isThere)) this.#store.prune();
  }

  #reportsOf(name: string): ComponentReports | null {
    const text = this.#store.read(name);
    if (text === null) return null;
    try {
      return this.#texts.read(text);
    } catch (error) {
      if (error instanceof ReportError) return null;
      throw error;
    }
  }
}

function filesOf({ components, sources, settings, ...prepared }: Program): readonly Kept[] {
  const hashes = new Map(sources.map(({ file, text }) => [file, hashOf(text)]));
  const indexOf = (file: string) => ({ index: file, hash: hashes.get(file) ?? '' });
  const planner = new Planner({ ...prepared, components, indexOf });
  // What is explored, and what is told of it, depends on these.
  const { select, ignore, functions } = settings;
  const means = JSON.stringify([select, ignore, functions]);
  const firsts = new Map<string, FunctionKey[]>();
  for (const [first] of components) {
    const own = firsts.get(first!.file.source.file);
    if (own === undefined) firsts.set(first!.file.source.file, [prepared.graph.keyOf(first!)]);
    else own.push(prepared.graph.keyOf(first!));
  }
  return prepared.parsed.flatMap((parsed) => {
    const own = firsts.get(parsed.source.file);
    if (own === undefined) return [];
    const name = hashOf(means + JSON.stringify(planner.planOf(parsed)));
    return [{ name, firsts: own, isThere: false }];
  });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
