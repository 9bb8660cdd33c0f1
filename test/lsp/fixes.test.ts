// Fixes of the real analysis as code actions: which is preferred, what it says, and all of them at once.
import { readFileSync } from 'node:fs';
import { CodeAction, CodeActionRequest } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { RULES } from '../../server/rules/index.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { startInMemory, type TestClient } from './test-client.ts';

const URI = 'file:///w/a.c';
const ENGINE = {
  check,
  loadParser: () => loadParser({ backend: 'native' }),
  ruleIds: RULES.map(({ id }) => id),
};

const TWO = `#include <Python.h>
void f(void) {
    char *p = PyMem_Malloc(8);
    free(p);
}
void g(int n) {
    char *q = PyMem_RawMalloc(n);
    if (n > 3) { free(q); return; }
    PyMem_RawFree(q);
}
`;

async function started(text: string): Promise<TestClient> {
  const { client } = startInMemory(ENGINE);
  await client.initialize();
  await client.open(URI, text);
  return client;
}

async function actions(client: TestClient, only?: string[]): Promise<readonly CodeAction[]> {
  const found = await client.connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri: URI },
    range: { start: { line: 3, character: 4 }, end: { line: 3, character: 4 } },
    context: { diagnostics: (await client.items(URI)).slice(0, 1), ...(only && { only }) },
  });
  return (found ?? []).flatMap((action) => (CodeAction.is(action) ? [action] : []));
}

function applied(text: string, action: CodeAction | undefined): string {
  const edits = action?.edit?.changes?.[URI] ?? [];
  return TextDocument.applyEdits(TextDocument.create(URI, 'c', 1, text), edits);
}

test('one fix is preferred, and says that the path replays clean with it', async () => {
  const found = await actions(await started(TWO));
  expect(found.map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
    ['Replace free with PyMem_Free (replays clean)', true],
    ["Use malloc for 'p' (replays clean)", false],
  ]);
});

test.for([['source.fixAll'], ['source.fixAll.pymem-lint'], ['source']])(
  'all that are safe are one action for who asks for %s',
  async (only) => {
    const found = await actions(await started(TWO), only);
    expect(found).toMatchObject([
      { title: 'Fix all that replay clean (2)', kind: 'source.fixAll.pymem-lint' },
    ]);
    const text = applied(TWO, found[0]);
    expect(text).toBe(
      TWO.replace('free(p)', 'PyMem_Free(p)').replace('{ free(q)', '{ PyMem_RawFree(q)'),
    );
    expect(await items(text)).toEqual([]);
  },
);

test('nothing is fixed for who asks for other sources, or where nothing is found', async () => {
  expect(await actions(await started(TWO), ['source.organizeImports'])).toEqual([]);
  expect(await actions(await started('int x;\n'), ['source.fixAll'])).toEqual([]);
});

test('fixing the example leaves only what has no safe fix', async () => {
  const text = readFileSync(
    new URL('../../examples/wordbag/defective/wordbag.c', import.meta.url),
    'utf8',
  );
  const client = await started(text);
  const before = await client.items(URI);
  const [all] = await actions(client, ['source.fixAll']);
  const after = await items(applied(text, all));
  expect(after.length).toBeLessThan(before.length);
  // A fix of both ends takes two findings along; none makes a new one.
  expect(after.length + (all?.diagnostics?.length ?? 0)).toBeLessThanOrEqual(before.length);
  const messages = before.map(({ message }) => message);
  expect(after.filter(({ message }) => !messages.includes(message))).toEqual([]);
});

async function items(text: string) {
  const client = await started(text);
  return client.items(URI);
}
