// Entry point of dist/check-helper.cjs: a thread that helps with a check.
import { parentPort } from 'node:worker_threads';
import { help } from '../parts/help.ts';
import { END, type ToHelper } from '../parts/messages.ts';
import { loadParser } from '../syntax/load-parser.ts';
import { watchHeap } from './heap-watch.ts';

/** In bytes. */
const HELPER_HEAP = 192 * 1024 * 1024;

watchHeap(HELPER_HEAP);

const hear = help({
  // The parser's wasm files lie beside the bundle.
  loadParser: (backend) => loadParser({ backend, wasmDirectory: __dirname }),
  post: (message) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    parentPort?.postMessage(message);
  },
  fail: (error) => {
    throw error;
  },
});
parentPort?.on('message', (message: ToHelper | typeof END) => {
  // Of a thread, that ends it alone.
  if (message === END) process.exit();
  hear(message);
});
