// Entry point of dist/check-worker.cjs, the thread in which the language server checks: answers each
// request in turn. One .vsix runs everywhere, so the parser is the wasm one.
import { parentPort } from 'node:worker_threads';
import { check } from '../check.ts';
import { loadParser } from '../syntax/load-parser.ts';
import { answerCheck } from './answer-check.ts';
import { type CheckRequest, inProcess } from './check-runner.ts';
import type { FromWorker } from './worker-runner.ts';

const runner = inProcess({
  check,
  // The parser's wasm files lie beside the bundle.
  loadParser: () => loadParser({ backend: 'wasm', wasmDirectory: __dirname }),
});

function post(message: FromWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage(message);
}

parentPort?.on('message', (request: CheckRequest) => {
  void answerCheck(runner, request, post);
});
post({ kind: 'ready' });
