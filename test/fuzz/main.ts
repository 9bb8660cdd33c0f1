// Checks mutated C with both parsers: no exception, no hang, the same findings.
//   npm run fuzz [-- --count N --seed N --from N --out FOLDER]
// Prints counts; a mutant that fails is written to FOLDER (default: out/fuzz), by its seed and number.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { mutant } from './mutate.ts';
import { fuzzSources } from './sources.ts';
import { type Trial, trial } from './trial.ts';

/** A mutant that takes longer hangs: milliseconds of the processor, which other programs do not change. */
const LIMIT_MS = 20_000;
const LOOK_MS = 500;

interface Range {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

interface Message {
  readonly index: number;
  readonly trial: Trial;
  readonly ms: number;
}

async function work({ seed, from, to }: Range): Promise<void> {
  const parsers = {
    native: await loadParser({ backend: 'native' }),
    wasm: await loadParser({ backend: 'wasm' }),
  };
  const sources = fuzzSources(process.cwd());
  for (let index = from; index < to; index++) {
    const started = process.cpuUsage();
    const result = trial(mutant(sources, seed, index), parsers);
    const message: Message = { index, trial: result, ms: milliseconds(process.cpuUsage(started)) };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    parentPort?.postMessage(message);
  }
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

interface Tally {
  passed: number;
  findings: number;
  functions: number;
  steps: number;
  slowest: { index: number; ms: number };
  readonly failures: Failure[];
}

interface Failure {
  readonly index: number;
  readonly kind: string;
  readonly reason: string;
}

/** Runs the numbers from `from` on in a thread; resolves with the number to go on with. */
function run(range: Range, tally: Tally, tell: (failure: Failure) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: range });
    let next = range.from;
    let started = process.cpuUsage();
    const timer = setInterval(() => {
      if (milliseconds(process.cpuUsage(started)) > LIMIT_MS)
        fail('hang', `more than ${LIMIT_MS / 1000} s`);
    }, LOOK_MS);
    const fail = (kind: string, reason: string): void => {
      clearInterval(timer);
      tell({ index: next, kind, reason });
      void worker.terminate().then(() => resolve(next + 1));
    };
    worker.on('message', ({ index, trial: result, ms }: Message) => {
      next = index + 1;
      started = process.cpuUsage();
      if (ms > tally.slowest.ms) tally.slowest = { index, ms };
      if (result.kind === 'passed') {
        tally.passed++;
        tally.findings += result.findings;
        tally.functions += result.functions;
        tally.steps += result.steps;
      } else tell({ index, kind: result.kind, reason: result.reason });
      if (next % 1000 === 0) console.error(`${next} mutants, ${tally.failures.length} failures`);
      if (next === range.to) {
        clearInterval(timer);
        void worker.terminate().then(() => resolve(next));
      }
    });
    worker.on('error', (error) => fail('crash', error.stack ?? error.message));
    worker.on('messageerror', reject);
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      out: { type: 'string', default: 'out/fuzz' },
    },
  });
  const [count, seed, from] = [values.count, values.seed, values.from].map(Number);
  if (![count, seed, from].every(Number.isSafeInteger)) {
    console.error('usage: npm run fuzz -- --count N --seed N --from N --out FOLDER');
    return 2;
  }
  const tally: Tally = {
    passed: 0,
    findings: 0,
    functions: 0,
    steps: 0,
    slowest: { index: 0, ms: 0 },
    failures: [],
  };
  const range = { seed: seed!, from: from!, to: from! + count! };
  const sources = fuzzSources(process.cwd());
  mkdirSync(values.out, { recursive: true });
  const tell = (failure: Failure): void => {
    tally.failures.push(failure);
    const { index, kind, reason } = failure;
    const { file, text, mutations } = mutant(sources, range.seed, index);
    writeFileSync(path.join(values.out, file), text);
    console.log(`${kind}: ${path.join(values.out, file)} (${mutations.join(', ')})\n${reason}\n`);
  };
  for (let next = range.from; next < range.to; ) {
    next = await run({ ...range, from: next }, tally, tell);
  }
  const kinds = ['crash', 'hang', 'difference'].map((kind) => {
    return `${kind} ${tally.failures.filter((f) => f.kind === kind).length}`;
  });
  console.log(
    `seed ${range.seed}, mutants ${range.from} to ${range.to - 1}: passed ${tally.passed}, ${kinds.join(', ')}; ` +
      `${tally.functions} functions, ${tally.findings} findings, ${tally.steps} steps; ` +
      `slowest ${tally.slowest.index} in ${Math.round(tally.slowest.ms)} ms`,
  );
  return tally.failures.length === 0 ? 0 : 1;
}

if (isMainThread) process.exitCode = await main();
else await work(rangeOf(workerData));

function rangeOf(data: unknown): Range {
  if (typeof data !== 'object' || data === null) throw new Error('a range is expected');
  const { seed, from, to } = { seed: 0, from: 0, to: 0, ...data };
  return { seed, from, to };
}
