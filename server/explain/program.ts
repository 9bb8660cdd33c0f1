// A program as the pipeline sees it, opened stage by stage for `explain`: files, functions, graphs,
// events, summaries. Prints nothing.
import type { SourceFile } from '../check.ts';
import type { Cfg } from '../cfg/instruction.ts';
import { analyze } from '../flow/analyze.ts';
import { CallGraph, type FunctionNode } from '../flow/call-graph.ts';
import type { FlowEvent } from '../flow/events.ts';
import { nodeOf } from '../flow/functions.ts';
import type { Summary } from '../flow/summary.ts';
import { lower, parseFile, unitOf } from '../flow/unit.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Parser } from '../syntax/parser.ts';
import { includeResolver } from '../workspace.ts';

export class Program {
  readonly graph: CallGraph;

  constructor(files: readonly SourceFile[], parser: Parser) {
    const parsed = files.map(({ file, text }) => parseFile(file, text, parser));
    const headersOf = includeResolver(parsed);
    this.graph = new CallGraph(
      parsed.map((file) => {
        const headers = headersOf(file);
        return { file, headers, unit: unitOf(file, headers, parser) };
      }),
    );
  }

  /** The definitions in a file, in the order of the text. */
  functionsIn(file: string): readonly FunctionNode[] {
    return this.graph.nodes.filter((node) => node.file.source.file === file);
  }

  /** In the order in which the exploration tells them. */
  events(): readonly FlowEvent[] {
    const events: FlowEvent[] = [];
    analyze(this.graph, (event) => events.push(event));
    return events;
  }

  /** What each explored function means to its callers; a text: why there is none. */
  summaries(): ReadonlyMap<FunctionNode, Summary | string> {
    return analyze(this.graph, () => {}).summaries;
  }
}

/** A text: why there is none. */
export function treeOf({ definition, unit }: FunctionNode): SyntaxNode | string {
  return nodeOf(definition, unit.parser) ?? 'it does not parse by itself';
}

/** A text: why there is none. */
export function graphOf(node: FunctionNode): Cfg | string {
  const tree = treeOf(node);
  return typeof tree === 'string' ? tree : lower(node.unit, node.definition, tree);
}
