// `npm run explain -- FILE [--function F] STAGE...`: what each stage of the pipeline makes of a file.
// Looks at the stages from outside and changes nothing in them.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { check, type SourceFile } from '../check.ts';
import { printCfg, printDot } from '../cfg/print.ts';
import type { Cfg } from '../cfg/instruction.ts';
import { readHeaders } from '../cli/read-headers.ts';
import { readSource } from '../files/read-source.ts';
import type { FunctionNode } from '../flow/call-graph.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { loadParser } from '../syntax/load-parser.ts';
import type { Parser } from '../syntax/parser.ts';
import { printEvent, printFinding, printSummary, printTree } from './print.ts';
import { graphOf, Program, treeOf } from './program.ts';

const USAGE = `usage: npm run explain -- FILE [--function NAME] STAGE...
  --tree       the syntax tree of each function
  --cfg        its control-flow graph
  --dot        the same for Graphviz
  --summaries  what a call of each function does
  --events     what the exploration tells the rules
  --path       the findings with their paths, of every confidence`;

interface Request {
  readonly files: readonly SourceFile[];
  /** The name under which the asked file is among `files`. */
  readonly asked: string;
  readonly function: string | null;
  readonly parser: Parser;
}

/** The stages in the order of the pipeline. */
const STAGES = {
  tree: (request: Request) =>
    eachFunction(request, (node) => {
      const tree = treeOf(node);
      return typeof tree === 'string' ? tree : printTree(tree, node.definition.text);
    }),
  cfg: (request: Request) => eachFunction(request, (node) => shown(graphOf(node), printCfg)),
  dot: (request: Request) =>
    eachFunction(request, (node) =>
      shown(graphOf(node), printDot, (reason) => `// ${node.definition.name}: ${reason}`),
    ),
  summaries: showSummaries,
  events: showEvents,
  path: showFindings,
} as const;

function shown(
  cfg: Cfg | string,
  print: (cfg: Cfg) => string,
  excuse: (reason: string) => string = (reason) => `not analyzed: ${reason}`,
): string {
  return typeof cfg === 'string' ? excuse(cfg) : print(cfg);
}

function isAsked(request: Request, node: FunctionNode): boolean {
  return request.function === null || node.definition.name === request.function;
}

function eachFunction(request: Request, show: (node: FunctionNode) => string): string[] {
  return new Program(request.files, request.parser)
    .functionsIn(request.asked)
    .filter((node) => isAsked(request, node))
    .map(show);
}

function showSummaries(request: Request): string[] {
  const program = new Program(request.files, request.parser);
  const here = new Set(program.functionsIn(request.asked));
  return [...program.summaries()]
    .filter(([node]) => here.has(node) && isAsked(request, node))
    .map(([node, summary]) =>
      typeof summary === 'string' ? `${node.definition.name}: ${summary}` : printSummary(summary),
    );
}

function showEvents(request: Request): string[] {
  const program = new Program(request.files, request.parser);
  const isHere = lineFilter(request, program.functionsIn(request.asked));
  return [
    ...new Set(
      program
        .events()
        .filter((event) => isHere(event.at))
        .map(printEvent),
    ),
  ];
}

function showFindings(request: Request): string[] {
  const settings = { ...DEFAULT_SETTINGS, minConfidence: 'possible' as const };
  const { findings } = check(request.files, request.parser, settings);
  const program = new Program(request.files, request.parser);
  const isHere = lineFilter(request, program.functionsIn(request.asked));
  return findings.filter(({ at }) => isHere(at)).map(printFinding);
}

/** Whether a place is in the asked functions. */
function lineFilter(
  request: Request,
  functions: readonly FunctionNode[],
): (at: { readonly file: string; readonly line: number }) => boolean {
  const spans = functions
    .filter((node) => isAsked(request, node))
    .map(({ file, definition }) => file.source.span(definition.start, definition.end));
  return ({ file, line }) =>
    file === request.asked &&
    (request.function === null || spans.some((s) => s.line <= line && line <= s.endLine));
}

async function readProgram(file: string): Promise<readonly SourceFile[]> {
  const absolute = path.resolve(file);
  const source = readSource(absolute);
  if (source.kind === 'skipped') throw new Error(`${file}: ${source.reason}`);
  const headers = await readHeaders(new Map([[absolute, source.text]]));
  return [
    { file, text: source.text },
    ...Array.from(headers, ([name, text]) => ({
      file: path.relative(process.cwd(), name),
      text,
    })),
  ];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      function: { type: 'string' },
      tree: { type: 'boolean' },
      cfg: { type: 'boolean' },
      dot: { type: 'boolean' },
      summaries: { type: 'boolean' },
      events: { type: 'boolean' },
      path: { type: 'boolean' },
    },
  });
  const names = ['tree', 'cfg', 'dot', 'summaries', 'events', 'path'] as const;
  const stages = names.filter((name) => values[name]);
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0 || stages.length === 0) {
    console.error(USAGE);
    return 2;
  }
  const files = await readProgram(file);
  const parser = await loadParser({ backend: 'auto' });
  const request = { files, asked: file, function: values.function ?? null, parser };
  const named = new Program(files, parser).functionsIn(file).filter((n) => isAsked(request, n));
  if (request.function !== null && named.length === 0) {
    throw new Error(`${file} does not define ${request.function}`);
  }
  for (const stage of stages) {
    if (stages.length > 1) console.log(`== ${stage}`);
    const parts = STAGES[stage](request);
    console.log(parts.length === 0 ? 'none' : parts.join('\n\n'));
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`explain: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
