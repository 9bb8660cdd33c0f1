// Entry point of dist/check-helper.cjs: a thread that helps with a check.
import { parentPort } from 'node:worker_threads';
import { help } from '../parts/help.ts';
import type { ToHelper } from '../parts/messages.ts';
import { loadParser } from '../syntax/load-parser.ts';

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
parentPort?.on('message', (message: ToHelper) => hear(message));
