// A program as the pipeline sees it, opened stage by stage for `explain`: files, functions, graphs,
// events, summaries. Prints nothing.
import type { SourceFile } from '../check.ts';
import type { Cfg } from '../cfg/instruction.ts';
import { analyze } from '../flow/analyze.ts';
import { CallApplier } from '../flow/call.ts';
import { CallGraph, type FunctionNode } from '../flow/call-graph.ts';
import { assumeCompiled } from '../flow/condition.ts';
import type { FlowEvent } from '../flow/events.ts';
import { entryState, explore } from '../flow/explore.ts';
import { Frame } from '../flow/frame.ts';
import { nodeOf } from '../flow/functions.ts';
import { summarize } from '../flow/summarize.ts';
import type { Summary } from '../flow/summary.ts';
import { cellOf } from '../flow/transfer.ts';
import { lower, parseFile, unitOf } from '../flow/unit.ts';
import { parseCondition } from '../preprocess/condition.ts';
import type { SyntaxNode } from '../syntax/node.ts';
import type { Parser } from '../syntax/parser.ts';
import { includeResolver } from '../workspace.ts';

export class Program {
  readonly graph: CallGraph;

  constructor(files: readonly SourceFile[], parser: Parser) {
    const parsed = files.map(({ file, text }) => parseFile(file, text, parser));
    const headersOf = includeResolver(parsed);
    this.graph = new CallGraph(
      parsed.map((file) => ({ file, unit: unitOf(file, headersOf(file), parser) })),
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
    const summaries = new Map<FunctionNode, Summary | string>();
    for (const node of this.graph.relevantInOrder()) {
      summaries.set(node, this.#summarize(node, summaries));
    }
    return summaries;
  }

  /** The same steps as flow/analyze.ts takes for one function. */
  #summarize(
    node: FunctionNode,
    done: ReadonlyMap<FunctionNode, Summary | string>,
  ): Summary | string {
    const { file, definition } = node;
    const cfg = graphOf(node);
    if (typeof cfg === 'string') return cfg;
    const type = file.types.find((t) => t.destructors.includes(definition.name));
    const frame = new Frame(cfg, { isDestructor: type !== undefined });
    const entry = entryState(frame, (index) =>
      index === 0 && type !== undefined ? `type ${type.name}` : null,
    );
    for (const condition of definition.conditions) {
      assumeCompiled(frame, entry, parseCondition(condition.text), condition.holds);
    }
    const { exits, isPartial } = explore(frame, entry, {
      calls: new CallApplier(frame, ignore, (state, place) => cellOf(frame, state, place)),
      listen: ignore,
      isDefined: (name) => this.graph.resolve(node, name).length > 0,
      summaryOf: (name) => {
        const known = this.graph.resolve(node, name).map((callee) => done.get(callee));
        const outcomes = known.flatMap((s) => (typeof s === 'object' ? s.outcomes : []));
        const isKnown = known.length > 0 && known.every((s) => typeof s === 'object');
        return isKnown ? { name, outcomes } : null;
      },
    });
    if (isPartial) return 'not every path was followed';
    return summarize(frame, exits) ?? 'it has too many outcomes';
  }
}

const ignore = (): void => {};

/** A text: why there is none. */
export function treeOf({ definition, unit }: FunctionNode): SyntaxNode | string {
  return nodeOf(definition, unit.parser) ?? 'it does not parse by itself';
}

/** A text: why there is none. */
export function graphOf(node: FunctionNode): Cfg | string {
  const tree = treeOf(node);
  return typeof tree === 'string' ? tree : lower(node.unit, node.definition, tree);
}
