// Checks in a thread: the server goes on while one runs, and outlives one that hangs, crashes or does not
// start. The threads here are a few lines of script each.
import { Worker } from 'node:worker_threads';
import { CancellationTokenSource } from 'vscode-languageserver';
import { afterEach, expect, test, vi } from 'vitest';
import {
  type CheckOutcome,
  type CheckRequest,
  inProcess,
  NEVER_CANCELLED,
} from '../../server/lsp/check-runner.ts';
import { nodeThread } from '../../server/lsp/node-thread.ts';
import { WorkerRunner, type WorkerRunnerOptions } from '../../server/lsp/worker-runner.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { BAD_C, fakeEngine } from './fake-engine.ts';

/** Does what the text says; answers with the number of checks that this thread has done. */
const SCRIPT = `
const { parentPort } = require('node:worker_threads');
let done = 0;
parentPort.on('message', ({ files: [{ text }] }) => {
  if (text === 'hang') for (;;) {}
  if (text === 'crash') throw new Error('the thread broke');
  if (text === 'exit') process.exit(3);
  if (text === 'break the parser' || (text === 'meet a broken parser' && done > 0)) {
    const outcome = {
      kind: 'failed', reason: 'Aborted()', worthRetrying: false, isParserBroken: true,
    };
    parentPort.postMessage({ kind: 'outcome', outcome });
    return;
  }
  if (text === 'run out of memory') for (const all = []; ; ) all.push(new Array(1e6).fill(text));
  const until = Date.now() + (text === 'slow' ? 100 : 0);
  while (Date.now() < until);
  done += 1;
  parentPort.postMessage({
    kind: 'outcome',
    outcome: {
      kind: 'checked',
      result: { findings: [], skipped: [], stats: { files: done } },
    },
  });
});
parentPort.postMessage({ kind: 'ready' });
`;

const runners: WorkerRunner[] = [];
afterEach(() => {
  for (const runner of runners.splice(0)) runner.dispose();
  vi.useRealTimers();
});

interface Fixture {
  readonly runner: WorkerRunner;
  readonly warnings: readonly string[];
  readonly started: () => number;
}

function make(options: Partial<WorkerRunnerOptions> = {}): Fixture {
  const warnings: string[] = [];
  let started = 0;
  const start = options.start ?? (() => nodeThread(new Worker(SCRIPT, { eval: true })));
  const runner = new WorkerRunner({
    fallback: () => inProcess(fakeEngine()),
    warn: (message) => warnings.push(message),
    ...options,
    start: () => {
      started += 1;
      return start();
    },
  });
  runners.push(runner);
  return { runner, warnings, started: () => started };
}

function request(text: string): CheckRequest {
  return { files: [{ file: 'a.c', text }], settings: DEFAULT_SETTINGS, memory: null };
}

function check(runner: WorkerRunner, text: string): Promise<CheckOutcome> {
  return runner.check(request(text), NEVER_CANCELLED);
}

/** How many checks its thread has done. */
async function count(outcome: Promise<CheckOutcome>): Promise<number | string> {
  const settled = await outcome;
  return settled.kind === 'checked' ? settled.result.stats.files : settled.kind;
}

test('one thread does one check after the other', async () => {
  const { runner, started } = make();
  const outcomes = ['slow', 'b', 'c'].map((text) => count(check(runner, text)));
  expect(await Promise.all(outcomes)).toEqual([1, 2, 3]);
  expect(started()).toBe(1);
});

test('this thread goes on meanwhile', async () => {
  const { runner } = make();
  let ended = false;
  const hanging = check(runner, 'hang').finally(() => (ended = true));
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(ended).toBe(false);
  runner.dispose();
  expect(await hanging).toEqual({ kind: 'cancelled' });
});

test('a check that takes too long is stopped and told; the next one gets a new thread', async () => {
  const { runner, started } = make({
    limit: ({ files }) => (files[0]?.text === 'hang' ? 2000 : 60_000),
  });
  expect(await check(runner, 'hang')).toEqual({
    kind: 'failed',
    reason: expect.stringMatching(/stopped after 2 s.*report it/),
    worthRetrying: false,
    isParserBroken: false,
  });
  expect(await count(check(runner, 'b'))).toBe(1);
  expect(started()).toBe(2);
});

test.each([
  ['crash', /the thread broke/],
  ['exit', /ended with code 3/],
])('a thread that ends by %s costs one check', async (text, reason) => {
  const { runner, warnings } = make();
  const [crashed, next] = [check(runner, text), check(runner, 'b')];
  expect(await crashed).toMatchObject({ kind: 'failed', reason: expect.stringMatching(reason) });
  expect(await count(next)).toBe(1);
  expect(warnings).toEqual([]);
});

test('a check that meets a broken parser is done by a new thread with a parser of its own', async () => {
  const { runner, started, warnings } = make();
  expect(await count(check(runner, 'a'))).toBe(1);
  const [met, next] = [check(runner, 'meet a broken parser'), check(runner, 'b')];
  expect(await count(met)).toBe(1);
  expect(await count(next)).toBe(2);
  expect(started()).toBe(2);
  expect(warnings).toEqual([]);
});

test('a text that breaks every parser is given up after the second, and costs no other check', async () => {
  const { runner, started } = make();
  const [broken, next] = [check(runner, 'break the parser'), check(runner, 'b')];
  expect(await broken).toMatchObject({ kind: 'failed', reason: 'Aborted()' });
  expect(await count(next)).toBe(1);
  expect(started()).toBe(3);
});

test('an abort in WebAssembly is told apart from other exceptions', async () => {
  // Stops as an abort of the parser does.
  const trap = new WebAssembly.Module(
    Buffer.from(
      [
        '0061736d01000000', // magic, version
        '010401600000', // a type: nothing to nothing
        '03020100', // a function of it
        '07050101660000', // exported as f
        '0a05010300000b', // its body: unreachable
      ].join(''),
      'hex',
    ),
  );
  const { f } = new WebAssembly.Instance(trap).exports;
  const parse = (text: string): void => {
    if (text === 'abort' && typeof f === 'function') f();
    throw new Error('a defect');
  };
  const runner = inProcess(fakeEngine({ onCheck: parse }));
  const outcomes = await Promise.all(
    ['abort', 'other'].map((text) => runner.check(request(text), NEVER_CANCELLED)),
  );
  expect(outcomes).toMatchObject([
    { kind: 'failed', isParserBroken: true, reason: expect.stringContaining('unreachable') },
    { kind: 'failed', isParserBroken: false, reason: expect.stringContaining('a defect') },
  ]);
});

test('a thread that runs out of memory costs one check', async () => {
  const limits = { maxOldGenerationSizeMb: 32 };
  const { runner } = make({
    start: () =>
      nodeThread(new Worker(SCRIPT, { eval: true, resourceLimits: limits, stderr: true })),
  });
  expect(await check(runner, 'run out of memory')).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/memory/),
  });
  expect(await count(check(runner, 'b'))).toBe(1);
});

test('a cancelled check is answered at once, ends with its thread, and holds up nothing', async () => {
  const { runner, started } = make();
  await check(runner, 'warm up');
  const source = new CancellationTokenSource();
  const unwanted = runner.check(request('hang'), source.token);
  const next = check(runner, 'b');
  source.cancel();
  expect(await unwanted).toEqual({ kind: 'cancelled' });
  expect(await count(next)).toBe(1);
  expect(started()).toBe(2);
});

test('a cancelled check that ends soon does not cost the thread', async () => {
  // However long the machine takes, it is soon.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { runner, started } = make();
  await check(runner, 'warm up');
  const source = new CancellationTokenSource();
  const unwanted = runner.check(request('slow'), source.token);
  source.cancel();
  expect(await unwanted).toEqual({ kind: 'cancelled' });
  expect(await count(check(runner, 'b'))).toBe(3);
  expect(started()).toBe(1);
});

test('a check that is cancelled before its turn never runs', async () => {
  const { runner } = make();
  const source = new CancellationTokenSource();
  const first = count(check(runner, 'slow'));
  const queued = runner.check(request('hang'), source.token);
  source.cancel();
  expect(await queued).toEqual({ kind: 'cancelled' });
  expect(await first).toBe(1);
  expect(await count(check(runner, 'b'))).toBe(2);
  source.cancel();
  expect(await runner.check(request('hang'), source.token)).toEqual({ kind: 'cancelled' });
});

test.each<[string, () => Worker]>([
  ['there is no such file', () => new Worker('/nowhere/check-worker.cjs')],
  ['the script breaks', () => new Worker('throw new Error("broken")', { eval: true })],
  [
    'there are no threads',
    () => {
      throw new Error('no threads here');
    },
  ],
])('the checks run in this thread when %s', async (_name, start) => {
  const { runner, warnings, started } = make({ start: () => nodeThread(start()) });
  const outcomes = await Promise.all([check(runner, BAD_C), check(runner, 'int x;')]);
  expect(outcomes).toMatchObject([
    { kind: 'checked', result: { findings: [{ rule: 'mismatched-free' }] } },
    { kind: 'checked', result: { findings: [] } },
  ]);
  expect(await check(runner, BAD_C)).toMatchObject({ kind: 'checked' });
  expect(started()).toBe(1);
  expect(warnings).toEqual([expect.stringContaining('cannot answer meanwhile')]);
});

test('what is under way when the runner is disposed of is cancelled, and what comes later', async () => {
  const { runner } = make();
  const outcomes = ['hang', 'b'].map((text) => check(runner, text));
  runner.dispose();
  expect(await Promise.all(outcomes)).toEqual([{ kind: 'cancelled' }, { kind: 'cancelled' }]);
  expect(await check(runner, 'c')).toEqual({ kind: 'cancelled' });
});
