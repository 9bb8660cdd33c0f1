// Lint File and Lint Workspace: results for closed files, progress, cancellation, what happens after.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type CancellationToken,
  CancellationTokenSource,
  DidChangeWatchedFilesNotification,
  ExecuteCommandRequest,
  FileChangeType,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CheckRunner } from '../../server/lsp/check-runner.ts';
import { nodeFiles } from '../../server/lsp/node-files.ts';
import { type LintSummary, SERVER_COMMANDS } from '../../server/lsp/protocol.ts';
import { BAD_C, fakeEngine, type FakeEngine, GOOD_C } from './fake-engine.ts';
import {
  type InitializeOptions,
  PULL,
  startInMemory,
  type TestClient,
  until,
} from './test-client.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'pymem-lint wörk '));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return URI.file(file).toString();
}

async function started(
  engine: FakeEngine,
  options: InitializeOptions = { capabilities: PULL },
): Promise<TestClient> {
  const { client } = startInMemory({ ...engine, files: nodeFiles });
  await client.initialize({ ...options, folders: [URI.file(root).toString()] });
  return client;
}

function lintWorkspace(
  client: TestClient,
  { workDoneToken, token }: { workDoneToken?: string; token?: CancellationToken } = {},
): Promise<LintSummary> {
  const command = SERVER_COMMANDS.lintWorkspace;
  const params = { command, ...(workDoneToken !== undefined && { workDoneToken }) };
  return client.connection.sendRequest(ExecuteCommandRequest.type, params, token);
}

test('every C file below the folders is checked; closed ones are published', async () => {
  const bad = write('a b/ü.c', BAD_C);
  const header = write('include/good.h', GOOD_C);
  write('node_modules/dep/x.c', BAD_C);
  write('notes.txt', BAD_C);
  const client = await started(fakeEngine());
  expect(await lintWorkspace(client)).toEqual({ files: 2, findings: 1, cancelled: false });
  expect(client.publishedFor(bad)).toMatchObject([{ diagnostics: [{ code: 'mismatched-free' }] }]);
  // Nothing is told of a file without findings that never had any.
  expect(client.publishedFor(header)).toEqual([]);
  expect(client.published).toHaveLength(1);
});

test('Lint Folder checks what is below one folder, and follows it on disk', async () => {
  const inside = write('src/inside.c', BAD_C);
  const outside = write('outside.c', BAD_C);
  const client = await started(fakeEngine());
  const params = {
    command: SERVER_COMMANDS.lintFolder,
    arguments: [{ uri: `${URI.file(path.join(root, 'src')).toString()}/` }],
  };
  const summary = await client.connection.sendRequest(ExecuteCommandRequest.type, params);
  expect(summary).toEqual({ files: 1, findings: 1, cancelled: false });
  expect(client.publishedFor(inside)).toMatchObject([{ diagnostics: [{}] }]);
  expect(client.publishedFor(outside)).toEqual([]);
  rmSync(path.join(root, 'src/inside.c'));
  await client.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: [{ uri: inside, type: FileChangeType.Deleted }],
  });
  await until('the problems of the deleted file to go', () =>
    client.publishedFor(inside).at(-1)?.diagnostics.length === 0 ? true : undefined,
  );
  const wrong = { ...params, arguments: [] };
  await expect(client.connection.sendRequest(ExecuteCommandRequest.type, wrong)).rejects.toThrow(
    /expects an argument \{ uri \}/,
  );
});

test('files in odd encodings are read or named, never fatal', async () => {
  const utf16 = write('utf16.c', Buffer.from(`\uFEFF${BAD_C}`, 'utf16le'));
  const latin1 = write('latin1.c', Buffer.from(BAD_C.replace('#', '/* é */ #'), 'latin1'));
  const crlf = write('crlf.c', `\uFEFF${BAD_C.replaceAll('\n', '\r\n')}`);
  const binary = write('binary.c', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(60)]));
  const client = await started(fakeEngine());
  expect(await lintWorkspace(client)).toMatchObject({ findings: 3, cancelled: false });
  for (const uri of [utf16, latin1, crlf]) {
    expect(client.publishedFor(uri)[0]?.diagnostics[0]?.range.start.line, uri).toBe(3);
  }
  expect(client.publishedFor(binary)).toEqual([]);
  await until('the name of the binary', () =>
    client.logs.find((entry) => entry.includes('binary.c')),
  );
});

test('progress is reported under the token of the request', async () => {
  for (let file = 0; file < 20; file += 1) write(`${file}.c`, BAD_C);
  const client = await started(fakeEngine());
  const seen: (WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd)[] = [];
  client.connection.onProgress(WorkDoneProgress.type, 'mine', (value) => void seen.push(value));
  await lintWorkspace(client, { workDoneToken: 'mine' });
  expect(seen[0]).toMatchObject({ kind: 'begin', title: 'PyMem Lint', cancellable: true });
  const reports = seen.flatMap((value) =>
    value.kind === 'report' ? [`${value.percentage}% ${value.message}`] : [],
  );
  expect(reports).toEqual([
    '0% Reading 0 of 20 files',
    '24% Reading 16 of 20 files',
    '30% Parsing 0 of 20 files',
  ]);
  expect(seen.at(-1)).toEqual({ kind: 'end' });
});

test('a server that is given no token makes its own progress where the client shows it', async () => {
  write('a.c', BAD_C);
  const capabilities = { ...PULL, window: { workDoneProgress: true } };
  const client = await started(fakeEngine(), { capabilities });
  const kinds: string[] = [];
  client.connection.onRequest('window/workDoneProgress/create', ({ token }: { token: string }) => {
    client.connection.onProgress(WorkDoneProgress.type, token, ({ kind }) => void kinds.push(kind));
    return null;
  });
  expect(await lintWorkspace(client)).toMatchObject({ files: 1 });
  await until('the end of the progress', () => kinds.at(-1) === 'end');
  expect(kinds[0]).toBe('begin');
});

test('a run that is cancelled while it reads says so and publishes nothing', async () => {
  for (let file = 0; file < 40; file += 1) write(`${file}.c`, BAD_C);
  const cancellation = new CancellationTokenSource();
  const files = {
    ...nodeFiles,
    read: async (uri: string) => {
      cancellation.cancel();
      // Messages come in order: when this one is answered, the server has heard of the cancellation.
      await client.connection.sendRequest('nothing/known').catch(() => null);
      return nodeFiles.read(uri);
    },
  };
  const engine = fakeEngine();
  const { client } = startInMemory({ ...engine, files });
  await client.initialize({ folders: [URI.file(root).toString()] });
  const summary = await lintWorkspace(client, { token: cancellation.token });
  expect(summary).toEqual({ files: 0, findings: 0, cancelled: true });
  expect(engine.checked).toEqual([]);
  expect(client.published).toEqual([]);
});

test('a run that is cancelled while it checks says so and publishes nothing', async () => {
  write('a.c', BAD_C);
  const cancellation = new CancellationTokenSource();
  const runner: CheckRunner = {
    check: (_request, token) =>
      new Promise((resolve) => {
        token.onCancellationRequested(() => resolve({ kind: 'cancelled' }));
        cancellation.cancel();
      }),
    dispose: () => undefined,
  };
  const parts = { ...fakeEngine(), files: nodeFiles, createRunner: () => runner };
  const { client } = startInMemory(parts);
  await client.initialize({ folders: [URI.file(root).toString()] });
  const summary = await lintWorkspace(client, { token: cancellation.token });
  expect(summary).toEqual({ files: 0, findings: 0, cancelled: true });
  expect(client.published).toEqual([]);
});

test('the files of a folder are checked together, with the headers around them', async () => {
  const sets: string[][] = [];
  const fake = fakeEngine();
  const engine: FakeEngine = {
    ...fake,
    check: (files, parser, settings) => {
      sets.push(files.map(({ file }) => file.slice(URI.file(root).toString().length)));
      return fake.check(files, parser, settings);
    },
  };
  const uri = write('src/a.c', `#include "../../lib.h"\n${BAD_C}`);
  write('src/b.c', GOOD_C);
  const { client } = startInMemory({
    ...engine,
    files: {
      ...nodeFiles,
      read: (name: string) =>
        name.endsWith('/lib.h') ? Promise.resolve(BAD_C) : nodeFiles.read(name),
    },
  });
  await client.initialize({ folders: [`${URI.file(root).toString()}/src`] });
  expect(await lintWorkspace(client)).toEqual({ files: 2, findings: 1, cancelled: false });
  const library = `${URI.file(path.dirname(root)).toString()}/lib.h`.slice(
    URI.file(root).toString().length,
  );
  expect(sets).toEqual([['/src/a.c', '/src/b.c', library]]);

  // An open file is checked with the others, as edited where they are open.
  await client.open(uri, BAD_C);
  expect(await client.items(uri)).toHaveLength(1);
  expect(sets.at(-1)).toEqual(['/src/a.c', '/src/b.c']);
});

test('what .gitignore excludes is left out, as on the command line', async () => {
  mkdirSync(path.join(root, '.git'));
  writeFileSync(path.join(root, '.gitignore'), 'build/\n*.gen.c\n');
  const uri = write('a.c', BAD_C);
  write('x.gen.c', BAD_C);
  write('build/b.c', BAD_C);
  const client = await started(fakeEngine());
  expect(await lintWorkspace(client)).toEqual({ files: 1, findings: 1, cancelled: false });
  expect(client.published.map((params) => params.uri)).toEqual([uri]);
});

test('an open document is not published to a pulling client, and comes back when it closes', async () => {
  const uri = write('a.c', BAD_C);
  const client = await started(fakeEngine());
  await lintWorkspace(client);
  await client.open(uri, BAD_C);
  await until('the cleared list', () => client.publishedFor(uri).length === 2);
  expect(client.publishedFor(uri)[1]?.diagnostics).toEqual([]);
  await client.change(uri, { text: GOOD_C });
  expect(await client.items(uri)).toEqual([]);
  // Closed without saving: the file on disk still has the defect.
  await client.close(uri);
  const back = await until('the list again', () => client.publishedFor(uri)[2]);
  expect(back.diagnostics).toHaveLength(1);
});

test('of a deleted folder, nobody tells which files were in it', async () => {
  const uris = [write('src/a.c', BAD_C), write('src/below/b.c', BAD_C)];
  const other = write('src2/c.c', BAD_C);
  const client = await started(fakeEngine(), { capabilities: PULL });
  await lintWorkspace(client);
  rmSync(path.join(root, 'src'), { recursive: true });
  await client.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: [
      { uri: URI.file(path.join(root, 'src')).toString(), type: FileChangeType.Deleted },
      { uri: URI.file(path.join(root, 'build/a.o')).toString(), type: FileChangeType.Deleted },
    ],
  });
  await until('the findings in the folder to go', () =>
    uris.every((uri) => client.publishedFor(uri).at(-1)?.diagnostics.length === 0),
  );
  expect(client.publishedFor(other).at(-1)?.diagnostics).toHaveLength(1);
});

test('results follow the files on disk', async () => {
  const uri = write('a.c', BAD_C);
  const workspace = { didChangeWatchedFiles: { dynamicRegistration: true } };
  const client = await started(fakeEngine(), { capabilities: { ...PULL, workspace } });
  await lintWorkspace(client);
  await until('the watcher', () => client.registered.includes('workspace/didChangeWatchedFiles'));
  write('a.c', GOOD_C);
  const changed = (type: 2 | 3): Promise<void> =>
    client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri, type }],
    });
  await changed(2);
  const repaired = await until('the new result', () => client.publishedFor(uri)[1]);
  expect(repaired.diagnostics).toEqual([]);
  write('a.c', BAD_C);
  await changed(2);
  await until('the defect', () => client.publishedFor(uri)[2]?.diagnostics.length === 1);
  rmSync(path.join(root, 'a.c'));
  await changed(3);
  await until('the cleared list', () => client.publishedFor(uri)[3]?.diagnostics.length === 0);
});

test('a file that is deleted after it was listed is named, and the others are checked', async () => {
  const gone = write('a.c', BAD_C);
  const kept = write('b.c', BAD_C);
  // Whoever lists the folder sees it before it goes.
  const listed = await nodeFiles.list(URI.file(root).toString());
  const list: typeof nodeFiles.list = () => Promise.resolve(listed);
  rmSync(path.join(root, 'a.c'));
  const { client } = startInMemory({ ...fakeEngine(), files: { ...nodeFiles, list } });
  await client.initialize({ folders: [URI.file(root).toString()] });
  expect(await lintWorkspace(client)).toEqual({ files: 1, findings: 1, cancelled: false });
  expect(client.publishedFor(kept)).toMatchObject([{ diagnostics: [{ code: 'mismatched-free' }] }]);
  expect(client.publishedFor(gone)).toEqual([]);
  await until('the name', () =>
    client.logs.find((line) => line.includes(gone) && line.includes('is not checked')),
  );
});

test('a file that is deleted while it is checked keeps no findings', async () => {
  const uri = write('a.c', BAD_C);
  const engine = fakeEngine({ onCheck: () => rmSync(path.join(root, 'a.c'), { force: true }) });
  const client = await started(engine);
  const summary = lintWorkspace(client);
  await until('the check', () => engine.checked.length > 0);
  await client.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: [{ uri, type: FileChangeType.Deleted }],
  });
  await summary;
  await until('an empty list', () => client.publishedFor(uri).at(-1)?.diagnostics.length === 0);
  expect(engine.checked).toHaveLength(1);
});

test('results of closed files follow the settings', async () => {
  const uri = write('a.c', BAD_C);
  const client = await started(fakeEngine());
  await lintWorkspace(client);
  await client.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { 'pymem-lint': { ignore: ['mismatched-free'] } },
  });
  const cleared = await until('the new result', () => client.publishedFor(uri)[1]);
  expect(cleared.diagnostics).toEqual([]);
});

test('no folder, and a folder that is not on disk, are said and are not errors', async () => {
  const { client } = startInMemory({ ...fakeEngine(), files: nodeFiles });
  await client.initialize({ folders: ['vscode-vfs://github/a/b'] });
  expect(await lintWorkspace(client)).toEqual({ files: 0, findings: 0, cancelled: false });
  await until('the reason', () =>
    client.logs.find((entry) => entry.includes('not a folder on disk')),
  );
});

test('Lint File checks what is on the screen even when the setting waits for a save', async () => {
  const uri = write('a.c', GOOD_C);
  const engine = fakeEngine();
  const client = await started(engine, {
    initializationOptions: { settings: { run: 'onSave' } },
  });
  await client.open(uri, GOOD_C);
  await client.change(uri, { text: BAD_C });
  expect(await client.items(uri)).toEqual([]);
  const summary: LintSummary = await client.connection.sendRequest(ExecuteCommandRequest.type, {
    command: SERVER_COMMANDS.lintFile,
    arguments: [{ uri }],
  });
  expect(summary).toEqual({ files: 1, findings: 1, cancelled: false });
  expect(await client.items(uri)).toHaveLength(1);
});
