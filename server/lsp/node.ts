// The language server as a Node process: transport, files on disk, the engine. Started by the editor
// and by `pymem-lint server`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Connection, createConnection } from 'vscode-languageserver/node';
import { check } from '../check.ts';
import { RULES } from '../rules/index.ts';
import { loadParser, type ParserOptions } from '../syntax/load-parser.ts';
import { startServer } from './connection.ts';
import { nodeFiles } from './node-files.ts';

export interface ServerOptions {
  readonly backend: ParserOptions['backend'];
}

/** The bundle's folder: the parser's wasm files lie beside it. */
const DIST = __dirname;

/** Serves until the client disconnects; then the process exits. Speaks stdio unless told otherwise on the command line. */
export function runServer({ backend }: ServerOptions = { backend: 'auto' }): void {
  startServer(connect(), {
    check,
    loadParser: () => loadParser({ backend, wasmDirectory: DIST }),
    ruleIds: RULES.map((rule) => rule.id),
    files: nodeFiles,
    version: version(),
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
