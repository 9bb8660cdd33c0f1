// Findings that are meant to be: the comment is written where it belongs, and one that is left over is shown.
import {
  ApplyWorkspaceEditRequest,
  DiagnosticTag,
  ExecuteCommandRequest,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect, test } from 'vitest';
import { SERVER_COMMANDS } from '../../server/lsp/protocol.ts';
import { BAD_C, fakeEngine, GOOD_C } from './fake-engine.ts';
import { startInMemory, type TestClient } from './test-client.ts';

const URI = 'file:///w/a.c';
const PLACE = { uri: URI, line: 3, character: 2, rule: 'mismatched-free' };

async function started(text: string): Promise<TestClient> {
  const { client } = startInMemory(fakeEngine());
  await client.initialize();
  await client.open(URI, text);
  return client;
}

async function suppressed(text: string, argument: unknown): Promise<string> {
  const client = await started(text);
  let result = text;
  client.connection.onRequest(ApplyWorkspaceEditRequest.type, ({ edit }) => {
    const edits = edit.changes?.[URI] ?? [];
    result = TextDocument.applyEdits(TextDocument.create(URI, 'c', 1, text), edits);
    return { applied: true };
  });
  const params = { command: SERVER_COMMANDS.suppress, arguments: [argument] };
  expect(await client.connection.sendRequest(ExecuteCommandRequest.type, params)).toBe(true);
  return result;
}

test.for([
  ['line', 3, '  /* pymem-lint: ignore[mismatched-free] the pool is ours * / really */'],
  ['function', 1, '/* pymem-lint: ignore-function[mismatched-free] the pool is ours * / really */'],
  ['file', 0, '/* pymem-lint: ignore-file[mismatched-free] the pool is ours * / really */'],
] as const)(
  'the comment for a %s stands above it, and the finding goes',
  async ([scope, line, comment]) => {
    const reason = ' the pool is ours */\n really ';
    const text = await suppressed(BAD_C, { place: PLACE, scope, reason });
    const lines = BAD_C.split('\n');
    expect(text.split('\n')).toEqual([...lines.slice(0, line), comment, ...lines.slice(line)]);
    expect(await (await started(text)).items(URI)).toEqual([]);
  },
);

test('no comment goes into a macro, and mistakes in the argument are told', async () => {
  const macro =
    '#include <Python.h>\nvoid f(void) {\nchar *p = PyMem_Malloc(8); \\\n  free(p);\n}\n';
  await expect(suppressed(macro, { place: PLACE, scope: 'line', reason: '' })).rejects.toThrow(
    /macro/,
  );
  await expect(suppressed(BAD_C, { place: PLACE, scope: 'world' })).rejects.toThrow(
    /expects an argument/,
  );
});

test('a suppression that suppresses nothing is shown as unnecessary, with a fix', async () => {
  const comment = '  /* pymem-lint: ignore[mismatched-free] was wrong once */\n';
  const client = await started(GOOD_C.replace('  PyMem_Free', `${comment}  PyMem_Free`));
  const [item, ...others] = await client.items(URI);
  expect(others).toEqual([]);
  expect(item).toMatchObject({
    code: 'unused-suppression',
    tags: [DiagnosticTag.Unnecessary],
    range: { start: { line: 3, character: 2 } },
  });
});
