// The threads that help with a check, and how many there should be.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SourceFile } from '../check.ts';
import type { FromHelper } from '../parts/messages.ts';
import { checkInParts, type Helper } from '../parts/check-in-parts.ts';
import type { Engine } from './analyze.ts';
import { checkInTurns } from './check-in-turns.ts';
import { watchHeap } from './heap-watch.ts';

/** `folder`: that of check-helper.cjs. */
export function checkWithHelpers(folder: string): Engine['check'] {
  return (files, parser, settings, tell = NOBODY, memory = null, concurrency = 1, known = null) => {
    watchHeap();
    const count = memory === null ? helperCount(concurrency, files) : 0;
    const store = memory === null && unitsOf(files) > WORTH_KEEPING ? known : null;
    if (count === 0 && store === null) return checkInTurns(files, parser, settings, tell, memory);
    const helpers = Array.from({ length: count }, () => startHelper(folder, files));
    return checkInParts(files, parser, settings, { helpers, store, tell });
  };
}

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

/** Of a helper, in MiB: a few times what lives at once. Without a limit garbage piles up. */
const HEAP_MB = 192;
/** In MiB for each MiB of text. */
const HEAP_PER_UNIT = 12;

function unitsOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, { text }) => sum + text.length, 0);
}

const NOBODY = (): void => undefined;

function startHelper(folder: string, files: readonly SourceFile[]): Helper {
  const maxOldGenerationSizeMb = Math.ceil(HEAP_MB + HEAP_PER_UNIT * (unitsOf(files) / 2 ** 20));
  const worker = new Worker(join(folder, 'check-helper.cjs'), {
    resourceLimits: { maxOldGenerationSizeMb },
  });
  // What is wrong with it is told by nobody: the check goes on without it.
  let heard: (message: FromHelper | null) => void = NOBODY;
  worker.on('message', (message: FromHelper) => heard(message));
  worker.on('error', () => heard(null));
  worker.on('exit', () => heard(null));
  return {
    send: (message) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage(message);
    },
    listen: (listener) => (heard = listener),
    end: () => void worker.terminate(),
  };
}
