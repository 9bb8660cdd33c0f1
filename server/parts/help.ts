// What a thread that helps with a check does with what it hears: it reads the whole program, and explores what
// it is given.
import type { CallGraph } from '../flow/call-graph.ts';
import type { Explorer } from '../flow/explorer.ts';
import { inTurns } from '../in-turns.ts';
import { ownRows, stepsWithRows, withRows } from '../knowledge/row.ts';
import { prepareInSteps } from '../prepare.ts';
import type { Parser } from '../syntax/parser.ts';
import type { FromHelper, ToHelper } from './messages.ts';
import { exploreComponents, explorerOf } from './part.ts';
import { ReportTexts } from './reports.ts';

export interface HelpOptions {
  readonly loadParser: (backend: Parser['backend']) => Promise<Parser>;
  readonly post: (message: FromHelper) => void;
  /** It cannot go on; what it has in hand is left. */
  readonly fail: (error: unknown) => void;
}

interface Work {
  readonly rows: ReturnType<typeof ownRows>;
  readonly graph: CallGraph;
  readonly explorer: Explorer;
  readonly texts: ReportTexts;
}

/** Hears messages, the program first. */
export function help({ loadParser, post, fail }: HelpOptions): (message: ToHelper) => void {
  let work: Promise<Work> | null = null;
  const begin = async (message: ToHelper & { kind: 'program' }): Promise<Work> => {
    const { files, settings } = message;
    const rows = ownRows(settings.functions);
    const parser = await loadParser(message.parser);
    const steps = prepareInSteps(files, parser, settings, null);
    const prepared = await inTurns(stepsWithRows(rows, steps));
    return withRows(rows, () => ({
      rows,
      graph: prepared.graph,
      explorer: explorerOf(prepared.graph, settings),
      texts: new ReportTexts(prepared.graph),
    }));
  };
  const explore = async (components: readonly number[], begun: Work): Promise<Work> => {
    const { rows, graph, explorer, texts } = begun;
    const steps = exploreComponents(graph, explorer, components);
    const reports = await inTurns(stepsWithRows(rows, steps));
    post({ kind: 'explored', components, reports: withRows(rows, () => texts.write(reports)) });
    return begun;
  };
  return (message) => {
    if (message.kind === 'program') {
      work = begin(message);
      work.then(() => post({ kind: 'ready' }), fail);
    } else {
      // One after the other.
      work = work!.then((begun) => explore(message.components, begun));
      work.catch(fail);
    }
  };
}
