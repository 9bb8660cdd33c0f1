// The threads that help with a check, and how many there should be.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { SourceFile } from '../check.ts';
import { END, type FromHelper, type ToHelper } from '../parts/messages.ts';
import { checkInParts } from '../parts/check-in-parts.ts';
import type { Helper } from '../parts/team.ts';
import type { Engine } from './analyze.ts';
import { checkInTurns } from './check-in-turns.ts';
import { watchHeap } from './heap-watch.ts';

/** `folder`: that of check-helper.cjs. */
export function checkWithHelpers(folder: string): Engine['check'] {
  return (files, parser, settings, tell = NOBODY, memory = null, concurrency = 1, known = null) => {
    watchHeap(LEADER_HEAP);
    const count = memory === null ? helperCount(concurrency, files) : 0;
    const store = memory === null && unitsOf(files) > WORTH_KEEPING ? known : null;
    if (count === 0 && store === null) return checkInTurns(files, parser, settings, tell, memory);
    if (count > 0) for (const flag of THREAD_FLAGS) setFlagsFromString(flag);
    const helpers = Array.from({ length: count }, () => startHelper(folder));
    return checkInParts(files, parser, settings, { helpers, store, tell });
  };
}

/** In bytes. */
const LEADER_HEAP = 512 * 1024 * 1024;

/**
 * V8 optimizes beside what runs, which takes time from the helpers; and each thread has the same code optimized. So a
 * function has to run longer for it: in bytes of bytecode, of which Node 20 wants 67,584. And less is inlined into it,
 * again in bytes of bytecode: Node 20 allows 920. The last one, in megabytes, holds for threads that begin later: Node 20
 * collects what is new at each 16.
 */
const THREAD_FLAGS = [
  '--interrupt-budget=1000000',
  '--max-inlined-bytecode-size-cumulative=200',
  '--max-semi-space-size=64',
];

/** In UTF-16 units: a thread that has less to do costs more than it saves. */
const WORTH_A_THREAD = 1_500_000;

/** In UTF-16 units: less is explored sooner than what is kept is found. */
const WORTH_KEEPING = 200_000;

/** `wanted`: threads altogether; null: as many as there are cores, where there is enough to do. */
function helperCount(wanted: number | null, files: readonly SourceFile[]): number {
  if (wanted !== null) return wanted - 1;
  const units = unitsOf(files);
  return Math.min(availableParallelism(), Math.max(1, Math.floor(units / WORTH_A_THREAD))) - 1;
}

function unitsOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, { text }) => sum + text.length, 0);
}

const NOBODY = (): void => undefined;

/**
 * A thread that is stopped inside of the native parser, at a limit of its heap or by `terminate`, takes the process
 * along. So it has no such limit, and ends by itself when it hears of it, between two steps.
 */
function startHelper(folder: string): Helper {
  const worker = new Worker(join(folder, 'check-helper.cjs'));
  const send = (message: ToHelper | typeof END): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    worker.postMessage(message);
  };
  // What is wrong with it is told by nobody: the check goes on without it.
  let heard: (message: FromHelper | null) => void = NOBODY;
  worker.on('message', (message: FromHelper) => heard(message));
  worker.on('error', () => heard(null));
  worker.on('exit', () => heard(null));
  return {
    send,
    listen: (listener) => (heard = listener),
    end: () => send(END),
  };
}
