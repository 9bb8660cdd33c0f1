// A worker of a browser that checks.
import type { WasmFiles } from '../../syntax/wasm-parser.ts';
import type { CheckRequest } from '../check-runner.ts';
import type { CheckThread, FromWorker } from '../worker-runner.ts';
import type { StartMessage } from './start-message.ts';

/** `script`: the text of main.ts's bundle. Throws where workers cannot be had. */
export function webThread(script: string, wasm: WasmFiles): CheckThread {
  const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(address);
  const post = (message: StartMessage | CheckRequest): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    worker.postMessage(message);
  };
  post({ kind: 'check', wasm });
  return {
    check: post,
    listen: ({ received, died }) => {
      worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind === 'ready') URL.revokeObjectURL(address);
        received(data);
      });
      worker.addEventListener('error', ({ message }) => died(message));
    },
    end: () => worker.terminate(),
  };
}
