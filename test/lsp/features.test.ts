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
import { CLIENT_COMMANDS, isFindingPlace } from '../../server/lsp/protocol.ts';
import { BAD_C, fakeEngine, GOOD_C } from './fake-engine.ts';
import { type InitializeOptions, PULL, startInMemory, type TestClient } from './test-client.ts';

const URI = 'file:///w/dir%20%C3%A9/a.c';
const SHOW = CLIENT_COMMANDS.showSimulatedCrash;
const SHOW_RULE = CLIENT_COMMANDS.showRule;

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

/** Title, line, command and arguments of each. */
async function lenses(client: TestClient) {
  const textDocument = { uri: URI };
  const found = await client.connection.sendRequest(CodeLensRequest.type, { textDocument });
  return found?.map(({ range, command }) => [
    command?.title,
    range.start.line,
    command?.command,
    command?.arguments,
  ]);
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
  expect(await codeActions(client, diagnostics, ['source.organizeImports'])).toEqual([]);
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
    '| release build | **dies here.** SIGABRT: double free or corruption (out) *Depends on the bytes before the block.* |',
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
  const place = { uri: URI, line: 3, character: 2, rule: 'mismatched-free' };
  expect(isFindingPlace(place)).toBe(true);
  expect(JSON.parse(decodeURIComponent(link?.[2] ?? ''))).toEqual([place]);
});

test('a hover opens the page about the rule that came with the client, where it can', async () => {
  const client = await started({ initializationOptions: { commands: [SHOW_RULE] } });
  const hover = await client.connection.sendRequest(HoverRequest.type, {
    textDocument: { uri: URI },
    position: { line: 3, character: 4 },
  });
  const argument = encodeURIComponent('["mismatched-free"]');
  const link = `[About mismatched-free](command:${SHOW_RULE}?${argument}) | confidence: definite`;
  expect(MarkupContent.is(hover?.contents) && hover.contents.value.split('\n')[0]).toBe(link);
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

test('a function with an error has a lens for each command, which names the finding', async () => {
  const commands = [SHOW, CLIENT_COMMANDS.showFindingPath, 'another.command'];
  const client = await started({ initializationOptions: { commands } });
  const place = { uri: URI, line: 3, character: 2, rule: 'mismatched-free' };
  expect(await lenses(client)).toEqual([
    ['Show Simulated Crash', 1, SHOW, [place]],
    ['Show Finding Path', 1, CLIENT_COMMANDS.showFindingPath, [place]],
  ]);
});

test('one lens stands for all findings of a function, and lets the user pick', async () => {
  const client = await started({ initializationOptions: { commands: [SHOW] } });
  const text = `static int
f(void)
{
p = PyMem_Malloc(8);
q = PyMem_Malloc(8);
free(p); free(q);
}
p = PyMem_Malloc(8);
free(p);
`;
  await client.change(URI, { text });
  const place = { uri: URI, line: 5, character: 0, rule: 'mismatched-free' };
  expect(await lenses(client)).toEqual([
    ['Show Simulated Crash (2 findings)', 1, SHOW, [[place, { ...place, character: 9 }]]],
    ['Show Simulated Crash', 8, SHOW, [{ ...place, line: 8 }]],
  ]);
});

test('lenses can be turned off', async () => {
  const settings = { codeLens: 'off' };
  const client = await started({ initializationOptions: { commands: [SHOW], settings } });
  expect(await lenses(client)).toEqual([]);
});

test('the lightbulb offers what can be shown of a finding, to a client that can', async () => {
  const client = await started({ initializationOptions: { commands: [SHOW] } });
  const actions = (await codeActions(client, await client.items(URI))) ?? [];
  expect(actions.map(({ title }) => title)).toEqual([
    'Replace free with PyMem_Free',
    'Show Simulated Crash',
  ]);
  const place = { uri: URI, line: 3, character: 2, rule: 'mismatched-free' };
  expect(actions[1]).toMatchObject({ command: { command: SHOW, arguments: [place] } });
});

test('a client without the command gets no lens', async () => {
  const client = await started();
  expect(await lenses(client)).toEqual([]);
});
