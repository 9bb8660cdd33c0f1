// What follows from the events of a program: what rules say of each, and of all of them together; and how
// much work it was.
import type { CheckResult, CheckStats, FunctionSteps, SourceFile } from './check.ts';
import { type Analysis, summariesOf } from './flow/analyze.ts';
import type { FlowEvent } from './flow/events.ts';
import { SlotEvidence } from './flow/slot-evidence.ts';
import { TypeEvidence } from './flow/type-evidence.ts';
import type { Prepared } from './prepare.ts';
import { FindingCollector } from './report.ts';
import { RULES } from './rules/index.ts';
import { isSelected, type Settings } from './settings.ts';
import { slotScope } from './workspace.ts';

const SLOWEST = 10;

export class Conclusions {
  readonly #prepared: Prepared;
  readonly #collector: FindingCollector;
  readonly #slots: SlotEvidence;
  readonly #types: TypeEvidence;

  constructor(prepared: Prepared, settings: Settings) {
    const { parsed, graph } = prepared;
    const rules = RULES.filter((rule) => isSelected(rule, settings));
    this.#prepared = prepared;
    this.#collector = new FindingCollector(rules, parsed, settings);
    this.#slots = new SlotEvidence(slotScope(parsed));
    this.#types = new TypeEvidence(graph.types);
  }

  add(event: FlowEvent): void {
    this.#slots.add(event);
    this.#types.add(event);
    this.#collector.add(event, 'definite');
  }

  /** Members, `.data`, and variables that more should be known of. */
  wanted(): ReadonlySet<string> {
    return this.#slots.disputed();
  }

  /** `files`: all that were to be checked. */
  result(files: readonly SourceFile[], analysis: Analysis): CheckResult {
    const { parsed, graph } = this.#prepared;
    const collector = this.#collector;
    for (const { event, isCertain } of this.#slots.mismatches()) {
      collector.add(event, isCertain ? 'likely' : 'possible');
    }
    for (const event of this.#slots.vainReleases()) collector.add(event, 'likely');
    const summaries = summariesOf(graph, analysis);
    for (const event of this.#types.mismatches(summaries)) collector.add(event, 'likely');
    for (const event of this.#types.trackedDestructions()) collector.add(event, 'likely');
    for (const event of this.#types.idleDeallocs(summaries)) collector.add(event, 'likely');
    return {
      findings: collector.findings(files.map((f) => f.file)),
      skipped: analysis.unanalyzed,
      stats: statsOf(files, parsed.length, analysis),
    };
  }
}

function statsOf(
  files: readonly SourceFile[],
  parsed: number,
  { functions, steps, explored }: Analysis,
): CheckStats {
  return {
    files: files.length,
    lines: files.reduce((n, f) => n + countLines(f.text), 0),
    functions,
    steps,
    unparsed: files.length - parsed,
    explored: explored.length,
    partial: explored.filter(({ isPartial }) => isPartial).map(functionSteps),
    slowest: explored
      .toSorted((a, b) => b.steps - a.steps)
      .slice(0, SLOWEST)
      .map(functionSteps),
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
