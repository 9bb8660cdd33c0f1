// Clients that misbehave, and documents that no one writes: the server answers, logs, and lives on.
import type { Position } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import { SERVER_COMMANDS } from '../../server/lsp/protocol.ts';
import { BAD_C, fakeEngine } from './fake-engine.ts';
import { PULL, startInMemory, type TestClient, until } from './test-client.ts';

const URI = 'file:///w/a.c';

async function started(engine = fakeEngine()): Promise<TestClient> {
  const { client } = startInMemory(engine);
  await client.initialize();
  return client;
}

/** The server still does its work. */
async function expectAlive(client: TestClient): Promise<void> {
  await client.open('file:///w/alive.c', BAD_C);
  expect(await client.items('file:///w/alive.c')).toHaveLength(1);
}

async function codeOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => 'answered',
    (error: unknown) =>
      typeof error === 'object' && error !== null && 'code' in error ? error.code : error,
  );
}

test('unknown requests are refused and unknown notifications ignored', async () => {
  const client = await started();
  expect(await codeOf(client.connection.sendRequest('textDocument/teleport', { to: 1 }))).toBe(
    -32601,
  );
  await client.connection.sendNotification('textDocument/didTeleport', { to: 1 });
  await client.connection.sendNotification('$/mystery');
  await expectAlive(client);
});

test('edits, saves and closes of a document that was never opened change nothing', async () => {
  const client = await started();
  await client.change(URI, { text: BAD_C });
  await client.save(URI);
  await client.close(URI);
  expect(await client.items(URI)).toEqual([]);
  await expectAlive(client);
});

function at(line: number, character: number): Position {
  return { line, character };
}

test('edits at places that do not exist are clamped', async () => {
  const engine = fakeEngine();
  const client = await started(engine);
  await client.open(URI, 'int x;\n');
  await client.change(URI, { range: { start: at(900, 7), end: at(901, 0) }, text: BAD_C });
  await client.change(URI, { range: { start: at(-5, -5), end: at(-1, 2) }, text: '//' });
  await client.change(URI, { range: { start: at(2, 9e9), end: at(1, 0) }, text: '' });
  await client.pull(URI);
  expect(engine.checked.at(-1)).toContain('free(p);');
  await expectAlive(client);
});

test.each([
  ['textDocument/didOpen', {}],
  ['textDocument/didOpen', { textDocument: { uri: 7, languageId: 'c', version: 'x', text: null } }],
  ['textDocument/didChange', { textDocument: { uri: URI }, contentChanges: [{ text: 'x' }] }],
  ['textDocument/didChange', { textDocument: { uri: URI, version: 2 }, contentChanges: 'all' }],
  ['textDocument/didChange', { textDocument: { uri: URI, version: 2 }, contentChanges: [{}] }],
  ['textDocument/didSave', null],
  ['textDocument/didClose', { textDocument: null }],
  ['workspace/didChangeConfiguration', { settings: 'none' }],
  ['workspace/didChangeWatchedFiles', { changes: [{ uri: ':::', type: 9 }] }],
  ['$/cancelRequest', { id: 'never sent' }],
])('a malformed %s is survived: %j', async (method, params) => {
  const client = await started();
  await client.open(URI, BAD_C);
  await client.connection.sendNotification(method, params);
  await expectAlive(client);
});

test.each([
  ['textDocument/diagnostic', {}],
  ['textDocument/hover', { textDocument: { uri: URI }, position: { line: -1, character: 1e12 } }],
  ['textDocument/hover', { textDocument: { uri: URI } }],
  ['textDocument/hover', null],
  ['textDocument/codeLens', { textDocument: { uri: 'not a uri' } }],
  ['textDocument/codeAction', { textDocument: { uri: URI } }],
  ['textDocument/codeAction', { textDocument: { uri: URI }, context: { diagnostics: [null] } }],
  ['workspace/executeCommand', {}],
  ['workspace/executeCommand', { command: 'rm -rf' }],
  ['workspace/executeCommand', { command: SERVER_COMMANDS.lintFile }],
  ['workspace/executeCommand', { command: SERVER_COMMANDS.lintFile, arguments: [{ uri: {} }] }],
  ['workspace/executeCommand', { command: SERVER_COMMANDS.lintFile, arguments: [{ uri: URI }] }],
])('a malformed or odd %s is answered: %j', async (method, params) => {
  const client = await started();
  await client.open(URI, BAD_C);
  // Either a result or an error of the request: never silence, never the end of the server.
  expect(await codeOf(client.connection.sendRequest(method, params))).toEqual(
    expect.toSatisfy((code) => code === 'answered' || typeof code === 'number'),
  );
  await expectAlive(client);
});

test('data that is not ours in a diagnostic gives no fix', async () => {
  const client = await started();
  await client.open(URI, BAD_C);
  const [ours] = await client.items(URI);
  const path = { version: 1, rule: 'x', fault: 0, steps: [] };
  const odd: readonly unknown[] = [
    null,
    7,
    [],
    { flaggedPath: 1 },
    { flaggedPath: {}, fixes: [] },
    { flaggedPath: path, fixes: 'all' },
    { flaggedPath: path, fixes: [{}] },
  ];
  const actions = await client.connection.sendRequest('textDocument/codeAction', {
    textDocument: { uri: URI },
    range: ours?.range,
    context: { diagnostics: odd.map((data) => ({ ...ours, data })) },
  });
  expect(actions).toEqual([]);
});

test('requests before initialize do not end the server', async () => {
  const { client } = startInMemory(fakeEngine());
  await client.open(URI, BAD_C);
  await codeOf(client.pull(URI));
  await client.initialize();
  await expectAlive(client);
});

test('lone surrogates, null characters and old line ends pass through', async () => {
  const engine = fakeEngine();
  const client = await started(engine);
  const text = `// \uD800 \uDC00\uD83D \u0000 \u2028\r${BAD_C.replaceAll('\n', '\r\n')}`;
  await client.open(URI, text);
  expect(await client.items(URI)).toHaveLength(1);
  expect(engine.checked).toEqual([text]);
});

test('a huge document is checked; one beyond the limit is not, and is named', async () => {
  const engine = fakeEngine();
  const client = await started(engine);
  const line = `${'x'.repeat(63)}\n`;
  await client.open(URI, BAD_C + line.repeat(2 ** 17));
  expect(await client.items(URI)).toHaveLength(1);
  await client.open('file:///w/monster.c', line.repeat(2 ** 19 + 1));
  expect(await client.items('file:///w/monster.c')).toEqual([]);
  await until('the name', () => client.logs.find((entry) => entry.includes('monster.c')));
  expect(engine.checked).toHaveLength(1);
});

test('a document opened twice has the later text', async () => {
  const client = await started();
  await client.open(URI, 'int x;\n');
  await client.open(URI, BAD_C);
  expect(await client.items(URI)).toHaveLength(1);
});

test('a client that says nothing of itself is served', async () => {
  const { client } = startInMemory(fakeEngine());
  await client.connection.sendRequest('initialize', {
    processId: null,
    rootUri: null,
    capabilities: PULL,
    initializationOptions: ['odd'],
    workspaceFolders: null,
  });
  await expectAlive(client);
});

test('exit after shutdown is 0, without it 1; requests after shutdown do no harm', async () => {
  const orderly = startInMemory(fakeEngine());
  await orderly.client.initialize();
  await orderly.client.open(URI, BAD_C);
  await orderly.client.connection.sendRequest('shutdown');
  await codeOf(orderly.client.pull(URI));
  await orderly.client.connection.sendNotification('exit');
  expect(await until('the exit', () => orderly.exits[0] === 0)).toBe(true);
  const abrupt = startInMemory(fakeEngine());
  await abrupt.client.initialize();
  await abrupt.client.connection.sendNotification('exit');
  expect(await until('the exit', () => abrupt.exits[0])).toBe(1);
});
