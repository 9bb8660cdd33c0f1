// `npm run explain -- FILE [--function F] STAGE...`: what each stage of the pipeline makes of a file.
// Looks at the stages from outside and changes nothing in them.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { check, type SourceFile } from '../check.ts';
import { printCfg, printDot } from '../cfg/print.ts';
import { disk } from '../files/disk.ts';
import { projectIncludes } from '../files/project-includes.ts';
import { readHeaders } from '../cli/read-headers.ts';
import { readSource } from '../files/read-source.ts';
import type { FunctionNode } from '../flow/call-graph.ts';
import { errorMessage } from '../reason-of.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { loadParser } from '../syntax/load-parser.ts';
import type { Parser } from '../syntax/parser.ts';
import { printEvent, printFinding, printSummary, printTree } from './print.ts';
import { calleeNotes } from './callee-notes.ts';
import { parameterNames } from './place-text.ts';
import { fateOf, graphsOf, Program, treesOf } from './program.ts';
import { seenStates } from './states.ts';

const USAGE = `usage: npm run explain -- FILE [--function NAME] STAGE...
  --tree       the syntax tree of each function
  --cfg        its control-flow graph
  --dot        the same for Graphviz
  --states     what is known where each basic block begins, path by path
  --summaries  what a call of each function does
  --events     what the exploration tells the rules
  --path       the findings with their paths, of every confidence`;

interface Request {
  readonly files: readonly SourceFile[];
  readonly program: Program;
  /** The name under which the asked file is among `files`. */
  readonly asked: string;
  readonly function: string | null;
  readonly parser: Parser;
}

/** The stages in the order of the pipeline. */
const STAGES = {
  tree: (request: Request) =>
    askedFunctions(request).flatMap((node) => {
      const trees = treesOf(node);
      if (trees.length === 0) return ['it does not parse by itself'];
      return trees.map((body) => printTree(body.node, body.text));
    }),
  cfg: (request: Request) =>
    askedFunctions(request).flatMap((node) =>
      graphsOf(node).map((cfg) => {
        if (typeof cfg === 'string') return `${node.definition.name}: not analyzed: ${cfg}`;
        return printCfg(cfg, (line) => node.file.source.line(line));
      }),
    ),
  dot: (request: Request) =>
    askedFunctions(request).flatMap((node) =>
      graphsOf(node).map((cfg) =>
        typeof cfg === 'string' ? `// ${node.definition.name}: ${cfg}` : printDot(cfg),
      ),
    ),
  states: showStates,
  summaries: showSummaries,
  events: showEvents,
  path: showFindings,
} as const satisfies Record<string, (request: Request) => readonly string[]>;

type Stage = keyof typeof STAGES;

const STAGE_NAMES = Object.keys(STAGES).filter((name): name is Stage => name in STAGES);

function askedFunctions({ program, asked, function: name }: Request): readonly FunctionNode[] {
  return program.functionsIn(asked).filter((n) => name === null || n.definition.name === name);
}

function showStates(request: Request): string[] {
  const { program } = request;
  const seen = new Map(askedFunctions(request).map((node) => [node, seenStates()]));
  const explored = program.observed((node) => seen.get(node)?.observe ?? null);
  return [...seen].map(([node, states]) => {
    const fate = fateOf(explored, node);
    const noteOf = calleeNotes(program, explored, node);
    return `${states.print(node, noteOf)}${fate === null ? '' : `\n  (${fate})`}`;
  });
}

function showSummaries(request: Request): string[] {
  const { summaries } = request.program.explored();
  return askedFunctions(request).map((node) => {
    const summary = summaries.get(node);
    if (typeof summary === 'object') return printSummary(summary, namesOf(node));
    const reason = summary ?? 'it calls nothing that handles memory';
    return `${node.definition.name}: not summarized: ${reason}`;
  });
}

function namesOf(node: FunctionNode): readonly string[] {
  const [cfg] = graphsOf(node);
  return typeof cfg === 'object' ? parameterNames(cfg) : [];
}

function showEvents(request: Request): string[] {
  const isHere = lineFilter(request);
  const { events } = request.program.explored();
  return [...new Set(events.filter(({ at }) => isHere(at)).map(printEvent))];
}

function showFindings(request: Request): string[] {
  const settings = { ...DEFAULT_SETTINGS, minConfidence: 'possible' as const };
  const { findings } = check(request.files, request.parser, settings);
  const isHere = lineFilter(request);
  return findings.filter(({ at }) => isHere(at)).map(printFinding);
}

/** Whether a place is in the asked functions. */
function lineFilter(
  request: Request,
): (at: { readonly file: string; readonly line: number }) => boolean {
  const spans = askedFunctions(request).map(({ file, definition }) =>
    file.source.span(definition.start, definition.end),
  );
  return ({ file, line }) =>
    file === request.asked &&
    (request.function === null || spans.some((s) => s.line <= line && line <= s.endLine));
}

async function readProgram(file: string): Promise<readonly SourceFile[]> {
  const absolute = path.resolve(file);
  const source = readSource(absolute);
  if (source.kind === 'skipped') throw new Error(`${file}: ${source.reason}`);
  const includes = projectIncludes(disk);
  const headers = await readHeaders(new Map([[absolute, source.text]]), includes);
  const includePaths = includes.of(absolute).map((folder) => path.relative(process.cwd(), folder));
  return [
    { file, text: source.text, includePaths },
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
      ...Object.fromEntries(STAGE_NAMES.map((name) => [name, { type: 'boolean' as const }])),
    },
  });
  const stages = STAGE_NAMES.filter((name) => name in values);
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0 || stages.length === 0) {
    console.error(USAGE);
    return 2;
  }
  const files = await readProgram(file);
  const parser = await loadParser({ backend: 'auto' });
  const program = new Program(files, parser);
  const request = { files, program, asked: file, function: values.function ?? null, parser };
  if (request.function !== null && askedFunctions(request).length === 0) {
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
  console.error(`explain: ${errorMessage(error)}`);
  process.exitCode = 2;
}
