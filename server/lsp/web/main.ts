// Entry point of dist/web-server.js, the workers of the web build: one that serves, and those that it starts
// to check. What a worker is to be is the first message that it gets.
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection,
} from 'vscode-languageserver/browser';
import { check } from '../../check.ts';
import { RULES } from '../../rules/index.ts';
import { wasmParser, type WasmFiles } from '../../syntax/wasm-parser.ts';
import { answerCheck } from '../answer-check.ts';
import { type CheckRequest, type CheckRunner, inProcess } from '../check-runner.ts';
import { clientFiles } from '../client-files.ts';
import { startServer } from '../connection.ts';
import { type FromWorker, WorkerRunner } from '../worker-runner.ts';
import type { StartMessage } from './start-message.ts';
import { webThread } from './web-thread.ts';

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener('message', start, { once: true });

function start({ data }: MessageEvent<StartMessage>): void {
  switch (data.kind) {
    case 'serve':
      serve(data);
      return;
    case 'check':
      checkRequests(data.wasm);
  }
}

function serve({ script, version, wasm }: StartMessage & { readonly kind: 'serve' }): void {
  const connection = createConnection(
    new BrowserMessageReader(self),
    new BrowserMessageWriter(self),
  );
  startServer(connection, {
    createRunner: (warn) =>
      new WorkerRunner({
        start: () => webThread(script, wasm),
        fallback: () => checksHere(wasm),
        warn,
      }),
    ruleIds: RULES.map((rule) => rule.id),
    files: clientFiles(connection),
    version,
  });
}

function checkRequests(wasm: WasmFiles): void {
  const runner = checksHere(wasm);
  self.addEventListener('message', ({ data: request }: MessageEvent<CheckRequest>) => {
    void answerCheck(runner, request, post);
  });
  post({ kind: 'ready' });
}

function checksHere(wasm: WasmFiles): CheckRunner {
  return inProcess({ check, loadParser: () => wasmParser(wasm) });
}

function post(message: FromWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  self.postMessage(message);
}
