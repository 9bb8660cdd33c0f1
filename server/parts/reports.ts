// What the exploration of functions gave, as text for another thread or process that has the same program in
// view: rows of the table and types of the program go by name.
import type { CallGraph } from '../flow/call-graph.ts';
import type { Exploration, FunctionKey } from '../flow/exploration-memory.ts';
import type { FunctionReport } from '../flow/explorer.ts';
import type { KnownType } from '../flow/type-table.ts';
import { apiRow } from '../knowledge/row.ts';
import { fromText, toText } from './object-text.ts';

/** Slots with functions that are asked about when all is explored. */
const ASKED_SLOTS = ['tp_alloc', 'tp_free', 'tp_dealloc'];

/** By the first function of a component: the functions that were explored in it. */
export type ComponentReports = ReadonlyMap<FunctionKey, readonly FunctionReport[]>;

/** A text that `write` has not made of this program. */
export class ReportError extends Error {}

export class ReportTexts {
  readonly #graph: CallGraph;
  readonly #types: ReadonlyMap<object, string>;
  readonly #byName: ReadonlyMap<string, KnownType>;

  constructor(graph: CallGraph) {
    this.#graph = graph;
    // The same name may stand for several, under different conditions.
    const names = graph.types.types.map((type) => {
      const { file } = type.file.source;
      return [type, `type ${file}\n${type.name}\n${type.at.start}`] as const;
    });
    this.#types = new Map(names);
    this.#byName = new Map(names.map(([type, name]) => [name, type]));
  }

  write(reports: ComponentReports): string {
    const told = new Map(
      [...reports].map(([first, each]) => [first, each.map((r) => this.#told(r))]),
    );
    return toText(told, (object) => this.#nameOf(object));
  }

  /** Of a text from `write` with the same program. Throws ReportError. */
  read(text: string): ComponentReports {
    let read: unknown;
    try {
      read = fromText(text, (name) => {
        return name.startsWith('row ') ? apiRow(name.slice(4)) : this.#byName.get(name);
      });
    } catch (error) {
      throw new ReportError('it is damaged', { cause: error });
    }
    if (!isReports(read)) throw new ReportError('these are no reports of this program');
    return read;
  }

  #nameOf(object: object): string | null {
    if ('role' in object && 'name' in object && typeof object.name === 'string') {
      return apiRow(object.name) === object ? `row ${object.name}` : null;
    }
    return this.#types.get(object) ?? null;
  }

  #told(report: FunctionReport): FunctionReport {
    const exploration = this.#withoutSummary(report, this.#isAskedAbout(report.key));
    return { ...exploration, key: report.key, helpers: report.helpers.map((h) => this.#told(h)) };
  }

  #isAskedAbout(key: string): boolean {
    const { definition, file } = this.#graph.nodeOf(key);
    return this.#graph.types.servedBy(definition.name, file, ASKED_SLOTS).length > 0;
  }

  /** Summaries are large, and most are asked for by other explorations alone. */
  #withoutSummary(exploration: Exploration, isAskedAbout: boolean): Exploration {
    const { done, events, threads, calledDetached, isRepeatable } = exploration;
    const isKept = typeof done === 'string' || isAskedAbout;
    return {
      done: isKept ? done : { ...done, summary: 'it is not told' },
      events,
      threads,
      calledDetached,
      isRepeatable,
      variants: exploration.variants.map((v) => ({
        ...v,
        result: this.#withoutSummary(v.result, false),
      })),
    };
  }
}

/** Written by this very program. */
function isReports(value: unknown): value is ComponentReports {
  return value instanceof Map;
}
