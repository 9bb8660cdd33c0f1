// Diagnostics of open documents: pulled, pushed, unchanged, superseded, cancelled.
import { CancellationTokenSource, DocumentDiagnosticRequest } from 'vscode-languageserver';
import { afterEach, expect, test, vi } from 'vitest';
import {
  asDiagnosticData,
  CHECKED_NOTIFICATION,
  type CheckedNotification,
} from '../../server/lsp/protocol.ts';
import { BAD_C, fakeEngine, GOOD_C } from './fake-engine.ts';
import { startInMemory, type TestClient, until } from './test-client.ts';

const URI = 'file:///w/a.c';
/** How long a document must be left alone before it is checked. */
const QUIET_MS = 150;

afterEach(() => {
  vi.useRealTimers();
});

/** From here on no time passes, however long the machine takes, but by pass(). */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
}

/** Lets time pass for a server that has taken all that its client has sent. */
async function pass(client: TestClient, milliseconds: number): Promise<void> {
  await client.heard();
  await vi.advanceTimersByTimeAsync(milliseconds);
  await client.heard();
}

test('a pulled diagnostic is complete: place, rule page, path in order, data', async () => {
  const { client } = startInMemory(fakeEngine());
  const { capabilities, serverInfo } = await client.initialize();
  expect(serverInfo).toEqual({ name: 'pymem-lint', version: 'test' });
  expect(capabilities.textDocumentSync).toMatchObject({ change: 2 });
  // Beside clangd and cpptools: what they do is left to them.
  expect(Object.keys(capabilities).filter((key) => key.endsWith('Provider'))).toEqual([
    'diagnosticProvider',
    'codeActionProvider',
    'hoverProvider',
    'codeLensProvider',
    'executeCommandProvider',
  ]);
  await client.open(URI, BAD_C);
  const [diagnostic, ...others] = await client.items(URI);
  expect(others).toEqual([]);
  expect(diagnostic).toMatchObject({
    range: { start: { line: 3, character: 2 }, end: { line: 3, character: 9 } },
    severity: 1,
    code: 'mismatched-free',
    codeDescription: {
      href: 'https://github.com/pymem-lint/pymem-lint/blob/main/docs/rules/mismatched-free.md',
    },
    source: 'pymem-lint',
    message: "'p' from PyMem_Malloc freed by free()",
    relatedInformation: [
      {
        location: { uri: URI, range: { start: { line: 2, character: 8 } } },
        message: "'p' is allocated by PyMem_Malloc",
      },
      {
        location: { uri: URI, range: { start: { line: 3, character: 2 } } },
        message: "free() takes 'p'",
      },
    ],
  });
  const data = asDiagnosticData(diagnostic?.data);
  expect(data?.flaggedPath.steps.map((step) => step.kind)).toEqual(['alloc', 'free']);
  expect(data?.fixes[0]?.edits[0]).toMatchObject({ newText: 'PyMem_Free', replaced: 'free' });
});

test('the same result under a known id is unchanged, another is full', async () => {
  const { client } = startInMemory(fakeEngine());
  await client.initialize();
  await client.open(URI, BAD_C);
  const first = await client.pull(URI);
  expect(first.kind).toBe('full');
  expect(await client.pull(URI, first.resultId)).toEqual({
    kind: 'unchanged',
    resultId: first.resultId,
  });
  // Below the finding: nothing that was reported changes.
  const below = { start: { line: 5, character: 0 }, end: { line: 5, character: 0 } };
  await client.change(URI, { range: below, text: '/* end */\n' });
  expect((await client.pull(URI, first.resultId)).kind).toBe('unchanged');
  await client.change(URI, { text: GOOD_C });
  const repaired = await client.pull(URI, first.resultId);
  expect(repaired).toMatchObject({ kind: 'full', items: [] });
  expect(repaired.resultId).not.toBe(first.resultId);
});

test('incremental edits arrive in the checked text', async () => {
  const engine = fakeEngine();
  const { client } = startInMemory(engine);
  await client.initialize();
  await client.open(URI, GOOD_C);
  const name = { start: { line: 3, character: 2 }, end: { line: 3, character: 12 } };
  await client.change(URI, { range: name, text: 'free' });
  expect(await client.items(URI)).toHaveLength(1);
  expect(engine.checked.at(-1)).toBe(BAD_C);
});

test('a document is checked once for diagnostics, lenses and hovers together', async () => {
  const engine = fakeEngine();
  const { client } = startInMemory(engine);
  await client.initialize();
  await client.open(URI, BAD_C);
  await client.items(URI);
  await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri: URI } });
  await client.connection.sendRequest('textDocument/hover', {
    textDocument: { uri: URI },
    position: { line: 3, character: 3 },
  });
  await client.items(URI);
  expect(engine.checked).toHaveLength(1);
});

test('edits in quick succession are checked once, when they pause', async () => {
  const engine = fakeEngine();
  const { client } = startInMemory({ ...engine, quietMilliseconds: QUIET_MS });
  await client.initialize();
  await client.open(URI, GOOD_C);
  await client.items(URI);
  stopClock();
  const answers = new Map<number, 'answered' | number>();
  for (let edit = 0; edit < 5; edit += 1) {
    await client.change(URI, { text: `${BAD_C}// ${edit}\n` });
    void client.pull(URI).then(
      () => answers.set(edit, 'answered'),
      (error: { code: number }) => answers.set(edit, error.code),
    );
    await pass(client, QUIET_MS / 2);
  }
  expect(engine.checked).toEqual([GOOD_C]);
  await pass(client, QUIET_MS / 2);
  await until('every answer', () => answers.size === 5);
  // ServerCancelled for the superseded ones.
  const inOrder = [0, 1, 2, 3, 4].map((edit) => answers.get(edit));
  expect(inOrder).toEqual([-32802, -32802, -32802, -32802, 'answered']);
  expect(engine.checked).toEqual([GOOD_C, `${BAD_C}// 4\n`]);
});

test('a cancelled pull does not run the check', async () => {
  const engine = fakeEngine();
  const { client } = startInMemory({ ...engine, quietMilliseconds: QUIET_MS });
  await client.initialize();
  await client.open(URI, GOOD_C);
  await client.items(URI);
  stopClock();
  await client.change(URI, { text: BAD_C });
  const cancellation = new CancellationTokenSource();
  const params = { textDocument: { uri: URI } };
  const answer = client.connection
    .sendRequest(DocumentDiagnosticRequest.type, params, cancellation.token)
    .then(
      () => 'answered',
      (error: { code: number }) => error.code,
    );
  cancellation.cancel();
  expect(await answer).toBe(-32800);
  await pass(client, QUIET_MS);
  expect(engine.checked).toEqual([GOOD_C]);
  vi.useRealTimers();
  expect(await client.items(URI)).toHaveLength(1);
});

test('a client that cannot pull is pushed to, with the version, and cleared on close', async () => {
  const engine = fakeEngine();
  const { client } = startInMemory({ ...engine, quietMilliseconds: QUIET_MS });
  await client.initialize({ capabilities: {} });
  await client.open(URI, BAD_C);
  const first = await until('the first push', () => client.publishedFor(URI)[0]);
  expect(first).toMatchObject({ version: 1, diagnostics: [{ code: 'mismatched-free' }] });
  stopClock();
  await client.change(URI, { text: `${BAD_C}\n` });
  await pass(client, QUIET_MS / 2);
  await client.change(URI, { text: GOOD_C });
  await pass(client, QUIET_MS / 2);
  expect(client.publishedFor(URI)).toHaveLength(1);
  await pass(client, QUIET_MS / 2);
  const second = await until('the second push', () => client.publishedFor(URI)[1]);
  expect(second).toMatchObject({ version: 3, diagnostics: [] });
  expect(engine.checked).toEqual([BAD_C, GOOD_C]);
  await client.change(URI, { text: BAD_C });
  await client.close(URI);
  const last = await until('the clearing push', () => client.publishedFor(URI)[2]);
  expect(last.diagnostics).toEqual([]);
  await pass(client, 2 * QUIET_MS);
  expect(client.publishedFor(URI)).toHaveLength(3);
});

test('a pulling client is never pushed to for an open document', async () => {
  const { client } = startInMemory(fakeEngine());
  await client.initialize();
  await client.open(URI, BAD_C);
  await client.items(URI);
  await client.close(URI);
  expect(await client.items(URI)).toEqual([]);
  expect(client.published).toEqual([]);
});

function poisoned(text: string): void {
  if (text.includes('POISON')) throw new Error('poisoned. More of it');
}

test('a check that throws is logged and finds nothing; the next one works', async () => {
  const engine = fakeEngine({ onCheck: poisoned });
  let loads = 0;
  const counted = {
    ...engine,
    loadParser: () => {
      loads += 1;
      return engine.loadParser();
    },
  };
  const { client } = startInMemory(counted);
  await client.initialize();
  await client.open(URI, `POISON\n${BAD_C}`);
  expect(await client.items(URI)).toEqual([]);
  await until('the log entry', () => client.logs.find((entry) => entry.includes('poisoned')));
  await client.change(URI, { text: BAD_C });
  expect(await client.items(URI)).toHaveLength(1);
  // The parser may have been left broken.
  expect(loads).toBe(2);
});

test('a client that shows the last check is told why it failed', async () => {
  const { client } = startInMemory(fakeEngine({ onCheck: poisoned }));
  const told: CheckedNotification[] = [];
  client.connection.onNotification(CHECKED_NOTIFICATION, (checked: CheckedNotification) => {
    told.push(checked);
  });
  await client.initialize({ initializationOptions: { commands: ['pymem-lint.showRule'] } });
  await client.open(URI, 'POISON');
  await client.pull(URI);
  await until('the reason', () => told[0]);
  expect(told[0]).toMatchObject({ findings: 0, trouble: 'Error: poisoned' });
  await client.change(URI, { text: BAD_C });
  await client.pull(URI);
  await until('the result', () => told[1]);
  expect(told[1]).toMatchObject({ findings: 1, trouble: null });
});

test('a parser that does not load is logged, and tried again', async () => {
  const engine = fakeEngine();
  let fails = true;
  const { client } = startInMemory({
    ...engine,
    loadParser: () => (fails ? Promise.reject(new Error('no wasm')) : engine.loadParser()),
  });
  await client.initialize();
  await client.open(URI, BAD_C);
  expect(await client.items(URI)).toEqual([]);
  await until('the log entry', () => client.logs.find((entry) => entry.includes('no wasm')));
  fails = false;
  expect(await client.items(URI)).toHaveLength(1);
});
