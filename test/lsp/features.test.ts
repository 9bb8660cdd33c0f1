// What a finding offers in an editor: quick fix, hover, code lens.
import {
  CodeActionRequest,
  CodeLensRequest,
  type Diagnostic,
  HoverRequest,
  MarkupContent,
  TextDocumentEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect, test } from 'vitest';
import { CLIENT_COMMANDS, isFindingPlace, isTitledPath } from '../../server/lsp/protocol.ts';
import { BAD_C, fakeEngine, GOOD_C } from './fake-engine.ts';
import { type InitializeOptions, PULL, startInMemory, type TestClient } from './test-client.ts';

const URI = 'file:///w/dir%20%C3%A9/a.c';
const SHOW = CLIENT_COMMANDS.showSimulatedCrash;

async function started(options?: InitializeOptions): Promise<TestClient> {
  const { client } = startInMemory(fakeEngine());
  await client.initialize(options);
  await client.open(URI, BAD_C);
  return client;
}

function codeActions(client: TestClient, diagnostics: Diagnostic[], only?: string[]) {
  const range = { start: { line: 3, character: 2 }, end: { line: 3, character: 2 } };
  return client.connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri: URI },
    range,
    context: { diagnostics, ...(only && { only }) },
  });
}

test('the quick fix of a diagnostic repairs the text', async () => {
  const client = await started();
  const [action, ...others] = (await codeActions(client, await client.items(URI))) ?? [];
  expect(others).toEqual([]);
  expect(action).toMatchObject({
    title: 'Replace free with PyMem_Free',
    kind: 'quickfix',
    isPreferred: false,
    diagnostics: [{ code: 'mismatched-free' }],
  });
  const edits = action && 'edit' in action ? action.edit?.changes?.[URI] : undefined;
  expect(TextDocument.applyEdits(TextDocument.create(URI, 'c', 1, BAD_C), edits ?? [])).toBe(
    GOOD_C,
  );
});

test('a client that takes versions gets the version that the edit is for', async () => {
  const workspace = { workspaceEdit: { documentChanges: true } };
  const client = await started({ capabilities: { ...PULL, workspace } });
  const [action] = (await codeActions(client, await client.items(URI))) ?? [];
  const change = action && 'edit' in action ? action.edit?.documentChanges?.[0] : undefined;
  expect(TextDocumentEdit.is(change) && change.textDocument).toEqual({ uri: URI, version: 1 });
});

test('a fix whose text has moved away is not offered', async () => {
  const client = await started();
  const diagnostics = await client.items(URI);
  const top = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  await client.change(URI, { range: top, text: '\n' });
  expect(await codeActions(client, diagnostics)).toEqual([]);
  expect(await codeActions(client, await client.items(URI))).toHaveLength(1);
});

test('only quick fixes are offered, and only for our diagnostics', async () => {
  const client = await started();
  const diagnostics = await client.items(URI);
  expect(await codeActions(client, diagnostics, ['refactor'])).toEqual([]);
  expect(await codeActions(client, diagnostics, ['quickfix'])).toHaveLength(1);
  const foreign = diagnostics.map((diagnostic) => ({ ...diagnostic, source: 'clangd' }));
  expect(await codeActions(client, foreign)).toEqual([]);
  const bare = diagnostics.map(({ data: _data, ...diagnostic }) => diagnostic);
  expect(await codeActions(client, bare)).toEqual([]);
});

test('the hover tells what the diagnostic does not: the crash, the builds, the families', async () => {
  const client = await started({ initializationOptions: { commands: [SHOW] } });
  const hover = await client.connection.sendRequest(HoverRequest.type, {
    textDocument: { uri: URI },
    position: { line: 3, character: 4 },
  });
  const { contents, range } = hover ?? {};
  expect(range).toEqual({ start: { line: 3, character: 2 }, end: { line: 3, character: 9 } });
  const text = MarkupContent.is(contents) ? contents.value : '';
  expect(text.split('\n')).toEqual([
    expect.stringMatching(
      /^\[Show Simulated Crash\]\(command:.*\) \| \[About mismatched-free\]\(https:.*mismatched-free\.md\) \| confidence: definite$/,
    ),
    '',
    '| Simulated on | |',
    '|---|---|',
    '| release build | **dies here.** SIGABRT: double free or corruption \\(out\\) *Depends on the bytes before the block.* |',
    '| PYTHONMALLOC=debug | **dies here.** SIGSEGV: nothing is printed *Depends on where the kernel put the heap (address randomization).* |',
    '',
    '| | Call | Family |',
    '|---|---|---|',
    '| allocated | `PyMem_Malloc` | the PyMem domain (`py-mem`) |',
    '| released | `free` | the C library heap (`libc`) |',
  ]);
  expect(text).not.toContain("'p' from");
  const link = /\[Show Simulated Crash\]\(command:([\w.-]+)\?([^)]*)\)/.exec(text);
  expect(link?.[1]).toBe(SHOW);
  const place = { uri: URI, line: 3, rule: 'mismatched-free' };
  expect(isFindingPlace(place)).toBe(true);
  expect(JSON.parse(decodeURIComponent(link?.[2] ?? ''))).toEqual([place]);
});

test('there is no hover beside a finding, and no command link for a client without the command', async () => {
  const client = await started();
  const hover = (line: number, character: number) =>
    client.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: URI },
      position: { line, character },
    });
  expect(await hover(2, 4)).toBeNull();
  expect(await hover(3, 1)).toBeNull();
  expect(JSON.stringify(await hover(3, 2))).not.toContain('command:');
});

test("each finding's line has a lens that carries the flagged path and the message", async () => {
  const client = await started({ initializationOptions: { commands: [SHOW] } });
  const textDocument = { uri: URI };
  const lenses = await client.connection.sendRequest(CodeLensRequest.type, { textDocument });
  expect(lenses).toHaveLength(1);
  expect(lenses?.[0]).toMatchObject({
    range: { start: { line: 3 } },
    command: { title: 'Show Simulated Crash', command: SHOW },
  });
  const argument: unknown = lenses?.[0]?.command?.arguments?.[0];
  expect(isTitledPath(argument)).toBe(true);
  expect(argument).toMatchObject({ title: "'p' from PyMem_Malloc freed by free()" });
});

test('two findings on a line have lenses that can be told apart', async () => {
  const client = await started({ initializationOptions: { commands: [SHOW] } });
  const text = 'p = PyMem_Malloc(8);\nq = PyMem_Malloc(8);\nfree(p); free(q);\n';
  await client.change(URI, { text });
  const textDocument = { uri: URI };
  const lenses = await client.connection.sendRequest(CodeLensRequest.type, { textDocument });
  expect(lenses?.map((lens) => lens.command?.title)).toEqual([
    "Show Simulated Crash: 'p' from PyMem_Malloc freed by free()",
    "Show Simulated Crash: 'q' from PyMem_Malloc freed by free()",
  ]);
});

test('a client without the command gets no lens', async () => {
  const client = await started();
  const textDocument = { uri: URI };
  expect(await client.connection.sendRequest(CodeLensRequest.type, { textDocument })).toEqual([]);
});
