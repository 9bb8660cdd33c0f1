// Lint Workspace on 20,000 C files, through the bundled server's process as an editor starts it. One server, one story.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CancellationTokenSource,
  DidChangeWatchedFilesNotification,
  ExecuteCommandRequest,
  FileChangeType,
  type FileEvent,
  WorkDoneProgress,
} from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LintSummary, SERVER_COMMANDS } from '../../server/lsp/protocol.ts';
import { BuiltServer, type ServerProcess } from './built-server.ts';
import { until } from './test-client.ts';

const FILES = 20_000;
/** For what takes ten seconds, on a busy machine. */
const PATIENCE_MS = 200_000;
/** Kilobytes, of the server's process with all its threads. */
const MOST_MEMORY = 1_000_000;

let root = '';
let built: BuiltServer;
let server: ServerProcess;
let runs = 0;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'pymem-lint-large-'));
  for (let number = 0; number < FILES; number++) {
    mkdirSync(path.dirname(pathOf(number)), { recursive: true });
    writeFileSync(pathOf(number), textOf(number));
  }
  mkdirSync(path.join(root, 'include'));
  writeFileSync(
    path.join(root, 'include/common.h'),
    '#define COMMON_ALLOC(size) PyMem_Malloc(size)\n#define COMMON_FREE(block) PyMem_Free(block)\n',
  );
  built = new BuiltServer();
  server = built.start('server.cjs', '--stdio');
  await server.client.initialize({ folders: [URI.file(root).toString()] });
});
afterAll(() => {
  server.child.kill();
  built.remove();
  rmSync(root, { recursive: true, force: true });
});

function pathOf(number: number): string {
  return path.join(root, `part${number % 40}`, `group${number % 7}`, `file${number}.c`);
}

function uriOf(number: number): string {
  return URI.file(pathOf(number)).toString();
}

/** Every hundredth is an extension, of which every fifth has a defect. */
const isExtension = (number: number): boolean => number % 100 === 7;
const isDefective = (number: number): boolean => number % 500 === 7;
const DEFECTIVE = Array.from({ length: FILES }, (_, number) => number).filter(isDefective);
const RELEASE_LINE = 10;

function textOf(number: number): string {
  return isExtension(number)
    ? extension(number, isDefective(number) ? 'free' : 'COMMON_FREE')
    : plain(number);
}

function extension(number: number, release: string): string {
  return `#include <Python.h>
#include "common.h"
PyObject *make_${number}(PyObject *self, PyObject *args)
{
    char *buffer = COMMON_ALLOC(${(number % 500) + 1});
    if (buffer == NULL)
        return PyErr_NoMemory();
    buffer[0] = 0;
    PyObject *result = PyUnicode_FromString(buffer);
    ${release}(buffer);
    return result;
}
`;
}

function plain(number: number): string {
  return `/* Part ${number}. */
#include <string.h>
${number % 10 === 0 ? '#include "common.h"' : ''}
struct part_${number} { int id; const char *name; struct part_${number} *next; };

static int compare_${number}(const struct part_${number} *a, const struct part_${number} *b)
{
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return strcmp(a->name, b->name);
}

int sum_${number}(const struct part_${number} *first)
{
    int sum = 0;
    for (const struct part_${number} *each = first; each != NULL; each = each->next) {
        if (compare_${number}(each, first) > 0)
            sum += each->id;
    }
    return sum;
}
`;
}

interface Run {
  readonly summary: Promise<LintSummary>;
  readonly progress: string[];
  readonly isOver: () => boolean;
}

function lintWorkspace(options: {
  readonly onProgress?: (message: string) => void;
  readonly cancellation?: CancellationTokenSource;
}): Run {
  const { connection } = server.client;
  const workDoneToken = `run-${(runs += 1)}`;
  const progress: string[] = [];
  connection.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
    if (value.kind !== 'report') return;
    const message = `${value.percentage}% ${value.message}`;
    progress.push(message);
    options.onProgress?.(message);
  });
  const params = { command: SERVER_COMMANDS.lintWorkspace, workDoneToken };
  const token = options.cancellation?.token;
  let over = false;
  const summary = connection
    .sendRequest(ExecuteCommandRequest.type, params, token)
    .finally(() => (over = true));
  return { summary, progress, isOver: () => over };
}

/** The URIs whose last list of diagnostics is not empty. */
function shown(): readonly string[] {
  const last = new Map(server.client.published.map(({ uri, diagnostics }) => [uri, diagnostics]));
  return [...last].flatMap(([uri, { length }]) => (length > 0 ? [uri] : [])).toSorted();
}

/** Of what was reported, the phases in their order. */
function phasesOf(progress: readonly string[]): readonly string[] {
  const words = progress.map((message) => message.split(' ')[1] ?? '');
  return words.filter((word, index) => word !== words[index - 1]);
}

test('all defects are found; meanwhile an open file is served', async () => {
  const [open = 0, ...closed] = DEFECTIVE;
  const uri = uriOf(open);
  const served: boolean[] = [];
  const asked = new Map<string, Promise<void>>();
  await server.client.open(uri, textOf(open));
  const run = lintWorkspace({
    onProgress: (message) => {
      const phase = message.split(' ')[1] ?? '';
      if (asked.has(phase) || phase === 'Checking') return;
      const answer = server.client.items(uri).then((items) => {
        served.push(!run.isOver() && items.length === 1);
      });
      asked.set(phase, answer);
    },
  });
  expect(await run.summary).toEqual({
    files: FILES + 1,
    findings: DEFECTIVE.length,
    cancelled: false,
  });
  await Promise.all(asked.values());
  expect(served).toEqual([true, true]);
  expect(phasesOf(run.progress)).toEqual(['Reading', 'Parsing', 'Checking']);
  const counts = run.progress.map((message) => Number.parseInt(message, 10));
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(new Set(counts).size).toBeGreaterThan(45);
  expect(shown()).toEqual(closed.map(uriOf).toSorted());
  for (const { diagnostics } of server.client.published) {
    expect(diagnostics.map(({ range }) => range.start.line)).toEqual([RELEASE_LINE - 1]);
  }
});

test('a run that is cancelled ends at once', async () => {
  const cancellation = new CancellationTokenSource();
  const run = lintWorkspace({
    cancellation,
    onProgress: (message) => {
      if (message.includes('Parsing')) cancellation.cancel();
    },
  });
  expect(await run.summary).toMatchObject({ cancelled: true });
  const [open = 0, ...closed] = DEFECTIVE;
  expect(await server.client.items(uriOf(open))).toHaveLength(1);
  expect(shown()).toEqual(closed.map(uriOf).toSorted());
});

test('when all files change on disk the results follow once', async () => {
  const [, repaired = 0, ...others] = DEFECTIVE;
  writeFileSync(pathOf(repaired), extension(repaired, 'COMMON_FREE'));
  const before = server.client.published.length;
  const changes = Array.from({ length: FILES }, (_, number): FileEvent => {
    return { uri: uriOf(number), type: FileChangeType.Changed };
  });
  const { connection } = server.client;
  await connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
  expect(await server.client.items(uriOf(DEFECTIVE[0] ?? 0))).toHaveLength(1);
  await until('the new results', () => shown().length === others.length, PATIENCE_MS);
  expect(shown()).toEqual(others.map(uriOf).toSorted());
  expect(server.client.published).toHaveLength(before + DEFECTIVE.length - 1);
});

test('the server has used a bounded amount of memory, and ends in order', async () => {
  const peak = peakMemory();
  if (peak !== null) expect(peak).toBeLessThan(MOST_MEMORY);
  await server.client.shutdown();
  expect(await server.exit).toBe(0);
  expect(server.stderr()).toBe('');
});

/** Kilobytes; null where there is no /proc. */
function peakMemory(): number | null {
  try {
    const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
  } catch {
    return null;
  }
}
