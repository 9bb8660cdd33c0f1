// From a key to the updated diagnostics, through the real server process as an editor talks to it: p50 and p95 in a
// long file, and what the server's memory does over many edits. The wait for a pause in typing is part of it.
//   npm run build && node scripts/run.mjs bench/typing.ts [--lines N] [--edits N]
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  ShutdownRequest,
} from 'vscode-languageserver';
import { createProtocolConnection } from 'vscode-languageserver/node';
import { generatedSource } from './generated-source.ts';
import { percentile } from './measure.ts';
import { table } from './table.ts';

const URI = 'file:///bench/typing.c';
/** The memory after this many edits is what later ones are compared with. */
const WARM = 10;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '12000' },
      edits: { type: 'string', default: '1000' },
    },
  });
  const text = generatedSource(Number(values.lines));
  const edits = Number(values.edits);
  const child = spawn(process.execPath, ['dist/server.cjs', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createProtocolConnection(child.stdout, child.stdin);
  connection.listen();
  await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities: { textDocument: { diagnostic: {} } },
  });
  await connection.sendNotification(InitializedNotification.type, {});
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri: URI, languageId: 'c', version: 1, text },
  });
  const textDocument = { uri: URI };
  await connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument });
  const times: number[] = [];
  const memory = new Map<number, number>();
  for (let edit = 1; edit <= edits; edit++) {
    times.push(await timed(connection, text, edit));
    if (edit === WARM || edit === edits) memory.set(edit, residentMegabytes(child));
  }
  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  report(times, memory);
}

/** Types one letter behind a statement, and takes it back with the next edit. */
async function timed(connection: ProtocolConnection, text: string, edit: number): Promise<number> {
  const lines = text.split('\n');
  const inside = lines.flatMap((line, at) => (/^ {4}[^#/*]*;$/.test(line) ? [at] : []));
  const line = inside[Math.floor((Math.ceil(edit / 2) * 7919) % inside.length)] ?? 0;
  const start = { line, character: lines[line]?.length ?? 0 };
  const isBack = edit % 2 === 0;
  const range = { start, end: { ...start, character: start.character + (isBack ? 1 : 0) } };
  const started = performance.now();
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri: URI, version: edit + 1 },
    contentChanges: [{ range, text: isBack ? '' : ';' }],
  });
  await connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri: URI } });
  return performance.now() - started;
}

/** Of the whole process, its threads included; NaN where there is no /proc. */
function residentMegabytes({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

function report(times: readonly number[], memory: ReadonlyMap<number, number>): void {
  const ms = (share: number): string => percentile(times, share).toFixed(0);
  const first = memory.get(WARM) ?? Number.NaN;
  console.log(
    table(
      ['', 'p50', 'p95', 'worst'],
      [['from a key to its diagnostics, ms', ms(0.5), ms(0.95), ms(1)]],
    ),
  );
  console.log(
    table(
      ['memory after', 'MB', 'ratio'],
      [...memory].map(([edit, megabytes]) => [
        `${edit} edits`,
        megabytes.toFixed(0),
        (megabytes / first).toFixed(2),
      ]),
    ),
  );
}

await main();
