// The language server as a Node process: transport, files on disk, threads for the checks. Started by the
// editor and by `pymem-lint server`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Connection, createConnection } from 'vscode-languageserver/node';
import { check } from '../check.ts';
import { RULES } from '../rules/index.ts';
import { loadParser } from '../syntax/load-parser.ts';
import { inProcess } from './check-runner.ts';
import { startServer } from './connection.ts';
import { nodeFiles } from './node-files.ts';
import { nodeThread } from './node-thread.ts';
import { type CheckThread, WorkerRunner } from './worker-runner.ts';

/** The bundle's folder: the parser's wasm files and the worker lie beside it. */
const DIST = __dirname;

/** Serves until the client disconnects; then the process exits. Speaks stdio unless told otherwise on the command line. */
export function runServer(): void {
  startServer(connect(), {
    createRunner: (warn) => new WorkerRunner({ start: startWorker, fallback, warn }),
    ruleIds: RULES.map((rule) => rule.id),
    files: nodeFiles,
    version: version(),
  });
}

function startWorker(): CheckThread {
  // Standard output may be the connection: nothing else may write there.
  return nodeThread(new Worker(path.join(DIST, 'check-worker.cjs'), { stdout: true }));
}

function fallback(): ReturnType<typeof inProcess> {
  return inProcess({
    check,
    // The wasm parser, as in the worker.
    loadParser: () => loadParser({ backend: 'wasm', wasmDirectory: DIST }),
  });
}

function connect(): Connection {
  const named = process.argv.some((argument) => /^--(stdio|node-ipc|socket|pipe)\b/.test(argument));
  return named ? createConnection() : createConnection(process.stdin, process.stdout);
}

function version(): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path.join(DIST, '../package.json'), 'utf8'));
    const found = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    return found ? String(manifest.version) : 'unknown';
  } catch {
    return 'unknown';
  }
}
