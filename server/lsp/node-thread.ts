// A thread of Node that checks. It does not keep the process alive.
import type { Worker } from 'node:worker_threads';
import { describe } from './check-runner.ts';
import type { CheckThread } from './worker-runner.ts';

export function nodeThread(worker: Worker): CheckThread {
  worker.unref();
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    check: (request) => worker.postMessage(request),
    listen: ({ received, died }) => {
      let reason: string | null = null;
      worker.on('message', received);
      // It may be heard before the last messages, which come before the end.
      worker.on('error', (error) => (reason = describe(error)));
      worker.on('exit', (code) => died(reason ?? `it ended with code ${code}`));
    },
    end: () => void worker.terminate(),
  };
}
