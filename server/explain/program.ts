// A program as the pipeline sees it, opened stage by stage for `explain` and `check --why`: files,
// functions, graphs, states, events, summaries. Each stage runs once. Prints nothing.
import type { SourceFile } from '../check.ts';
import type { Cfg } from '../cfg/instruction.ts';
import { type Analysis, analyze } from '../flow/analyze.ts';
import type { CallGraph, FunctionNode } from '../flow/call-graph.ts';
import type { FlowEvent } from '../flow/events.ts';
import { bodiesOf, type FunctionBody } from '../flow/function-body.ts';
import type { Observer } from '../flow/transfer.ts';
import { lower, parseFile, type ParsedFile } from '../flow/unit.ts';
import type { Parser } from '../syntax/parser.ts';
import { callGraphOf } from '../workspace.ts';

export interface Explored extends Analysis {
  /** In the order in which the exploration tells them. */
  readonly events: readonly FlowEvent[];
}

export class Program {
  readonly files: readonly ParsedFile[];
  readonly graph: CallGraph;
  #explored: Explored | null = null;

  constructor(files: readonly SourceFile[], parser: Parser) {
    this.files = files.map(({ file, text }) => parseFile(file, text, parser));
    const includePaths = new Map(files.map((file) => [file.file, file.includePaths ?? []]));
    this.graph = callGraphOf(this.files, parser, (file) => includePaths.get(file) ?? []);
  }

  /** The definitions in a file, in the order of the text. */
  functionsIn(file: string): readonly FunctionNode[] {
    return this.graph.nodes.filter((node) => node.file.source.file === file);
  }

  explored(): Explored {
    this.#explored ??= this.observed(() => null);
    return this.#explored;
  }

  /** The same, while somebody looks at the states of some functions. */
  observed(observerOf: (node: FunctionNode) => Observer | null): Explored {
    const events: FlowEvent[] = [];
    const analysis = analyze(this.graph, (event) => events.push(event), { observerOf });
    this.#explored = { ...analysis, events };
    return this.#explored;
  }
}

/** Null: the function is not among those that are explored, since nothing in it handles memory. */
export function fateOf({ summaries, explored }: Analysis, node: FunctionNode): string | null {
  const summary = summaries.get(node);
  const { file, definition } = node;
  if (summary === undefined) return 'not explored: it calls nothing that handles memory';
  const isPartial = explored.some(
    (each) => each.isPartial && each.file === file.source.file && each.function === definition.name,
  );
  if (isPartial) return 'not every path was followed: the budget of steps or states ran out';
  return typeof summary === 'string' ? summary : null;
}

/** One for each alternative of a function that does not parse with all of them. */
export function treesOf({ definition, unit }: FunctionNode): readonly FunctionBody[] {
  return bodiesOf(definition, unit);
}

/** A text: why there is none. */
export function graphsOf(node: FunctionNode): readonly (Cfg | string)[] {
  const trees = treesOf(node);
  if (trees.length === 0) return ['it does not parse by itself'];
  return trees.map((body) => lower(node.unit, node.definition.name, body));
}
