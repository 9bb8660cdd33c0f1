// This program beside cppcheck, gcc's and clang's analyzers, and parsing alone as the floor, in one run on one machine:
// lines a second, memory, and what each finds in files that say what is wrong in them.
//   npm run bench [-- PATHS...] [--suite FOLDER] [--threads N] [--sample LINES] [--peers NEEDED,...]
// Default paths: examples and test/fixtures; default suite: test/fixtures. The peers are slow: with --sample they get
// every nth file, about so many lines; how fast they are differs much from file to file. --peers: only those that need
// one of these programs, as in `--peers cppcheck`. Needs dist (npm run build).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findFiles } from '../server/cli/find-files.ts';
import { languageOf } from '../server/syntax/language.ts';
import { parsingAlone } from '../server/syntax/load-parser.ts';
import { isInstalled, type Measured, runMeasured } from './run-measured.ts';
import { readSuite, score, type Suite } from './suite.ts';
import { table } from './table.ts';
import { findingsIn, ownTool, peers, type Tool } from './tools.ts';

interface Input {
  readonly files: readonly string[];
  readonly lines: number;
}

/** Of one tool over files: its row, and lines of those files a second. */
interface Speed {
  readonly row: readonly string[];
  readonly linesPerSecond: number;
  readonly linesPerCpuSecond: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      suite: { type: 'string', default: 'test/fixtures' },
      threads: { type: 'string', default: '2' },
      sample: { type: 'string' },
      peers: { type: 'string' },
    },
  });
  const paths = positionals.length > 0 ? positionals : ['examples', 'test/fixtures'];
  const all = inputOf(findFiles(paths, process.cwd()).files);
  if (all.lines === 0) throw new Error('no C files there');
  const some = sampleOf(all, values.sample === undefined ? all.lines : Number(values.sample));
  const threads = Number(values.threads);
  const suite = readSuite(values.suite);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-bench-'));
  try {
    const cache = path.join(folder, 'cache');
    const own = [
      ownTool('pymem-lint, 1 thread', 1, null),
      ownTool(`pymem-lint, ${threads} threads`, threads, null),
      ownTool('pymem-lint, results kept: first', threads, cache),
      ownTool('pymem-lint, results kept: again', threads, cache),
    ];
    const asked = values.peers?.split(',') ?? null;
    const others = peers().filter(({ needs, name }) => {
      if (asked?.includes(needs) === false) return false;
      const isThere = isInstalled(needs);
      if (!isThere) console.log(`${name} is not compared: ${needs} is not installed`);
      return isThere;
    });
    console.log(
      `${all.files.length} files, ${all.lines} lines; the peers get ${some.files.length} files, ${some.lines} lines\n`,
    );
    const floor = parsedAlone(all);
    const speeds = new Map<string, Speed>();
    for (const tool of own) speeds.set(tool.name, speedOf(tool, all, folder));
    for (const tool of others) speeds.set(tool.name, speedOf(tool, some, folder));
    const head = ['', 'seconds', 'CPU seconds', 'lines/s', 'lines/CPU s', 'MB'];
    console.log(table(head, [floor, ...[...speeds.values()].map(({ row }) => row)]));
    tellRatio(speeds, own[1]!.name, others[0]?.name);
    console.log(
      `\n${values.suite}: ${suite.files.length} files, ${suite.defects.length} defects\n`,
    );
    const scored = [own[0]!, ...others].map((tool) => scoreRow(tool, suite, folder));
    console.log(table(['', 'found', 'missed', 'false'], scored));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inputOf(files: readonly string[]): Input {
  return { files, lines: files.reduce((sum, file) => sum + linesIn(file), 0) };
}

function linesIn(file: string): number {
  return readFileSync(file, 'latin1').split('\n').length - 1;
}

/** Every nth C file. */
function sampleOf({ files, lines }: Input, wanted: number): Input {
  const sources = files.filter((file) => !file.endsWith('.h'));
  const every = Math.max(1, Math.ceil(lines / wanted));
  return inputOf(sources.filter((_, i) => i % every === 0));
}

function speedOf(tool: Tool, { files, lines }: Input, folder: string): Speed {
  const ran = runMeasured(tool.command(files, folder));
  const nothing = { linesPerSecond: Number.NaN, linesPerCpuSecond: Number.NaN };
  if (typeof ran === 'string') return { row: [tool.name, ran], ...nothing };
  const read =
    tool.read === null ? null : Array.from(ran.output.matchAll(tool.read), ([, f]) => f!);
  if (read?.length === 0) return { row: [tool.name, 'compiles no file'], ...nothing };
  const own = read === null ? lines : inputOf(read).lines;
  const name = read === null ? tool.name : `${tool.name}, ${read.length} of ${files.length} files`;
  return {
    row: rowOf(name, ran, own),
    linesPerSecond: own / ran.seconds,
    linesPerCpuSecond: own / (ran.cpuSeconds ?? Number.NaN),
  };
}

function rowOf(
  name: string,
  { seconds, cpuSeconds, megabytes }: Measured,
  lines: number,
): string[] {
  return [
    name,
    seconds.toFixed(2),
    cpuSeconds?.toFixed(2) ?? '?',
    (lines / seconds).toFixed(0),
    cpuSeconds === null ? '?' : (lines / cpuSeconds).toFixed(0),
    megabytes?.toFixed(0) ?? '?',
  ];
}

/** tree-sitter over whole files, in this process. */
function parsedAlone({ files, lines }: Input): string[] {
  const alone = parsingAlone();
  const texts = files.map((file) => [file, readFileSync(file, 'utf8')] as const);
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (const [file, text] of texts) alone(text, languageOf(file, text));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const measured = { output: '', seconds, cpuSeconds: (user + system) / 1e6, megabytes: null };
  return rowOf('parsing alone (tree-sitter)', measured, lines);
}

function tellRatio(
  speeds: ReadonlyMap<string, Speed>,
  own: string,
  peer: string | undefined,
): void {
  const [mine, theirs] = [speeds.get(own), speeds.get(peer ?? '')];
  if (mine === undefined || theirs === undefined) return;
  const clock = ratio(mine.linesPerSecond, theirs.linesPerSecond);
  const cpu = ratio(mine.linesPerCpuSecond, theirs.linesPerCpuSecond);
  console.log(`\n${own}: ${clock} times the lines a second of ${peer}, ${cpu} times a CPU second`);
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(a / b < 10 ? 2 : 0);
}

function scoreRow(tool: Tool, suite: Suite, folder: string): string[] {
  const ran = runMeasured(tool.command(suite.files, folder));
  if (typeof ran === 'string') return [tool.name, ran];
  const { found, missed, wrong } = score(suite, findingsIn(ran.output, tool));
  return [tool.name, String(found), String(missed), String(wrong)];
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
