// Why a call of a function of the program says nothing, or nothing definite, about its result.
import type { Analysis } from '../flow/analyze.ts';
import type { FunctionNode } from '../flow/call-graph.ts';
import type { CalleeNote } from './value-source.ts';
import type { Program } from './program.ts';

/** As seen from a function. */
export function calleeNotes(
  { graph }: Program,
  { summaries }: Pick<Analysis, 'summaries'>,
  from: FunctionNode,
): CalleeNote {
  return (name) => {
    const meant = graph.resolve(from, name);
    const reasons = meant.map((node) => summaries.get(node));
    const reason = reasons.find((summary) => typeof summary === 'string');
    if (reason !== undefined) return `of which nothing is known: ${reason}`;
    if (reasons.includes(undefined)) return 'which calls nothing that handles memory';
    if (meant.length > 0) return 'which returns no block of its own there';
    const definitions = graph.nodes.filter(
      ({ definition }) => definition.name === name && !definition.isStatic,
    );
    const files = new Set(definitions.map(({ file }) => file));
    return files.size > 1 ? `which ${files.size} files define` : null;
  };
}
