// The headers that go with a file: where they are looked for, whose text counts, and the limits.
import { DidChangeWatchedFilesNotification, FileChangeType } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import type { SourceFile } from '../../server/check.ts';
import { includedHeaders } from '../../server/lsp/headers.ts';
import { BAD_C, fakeEngine, GOOD_C } from './fake-engine.ts';
import { startInMemory, until } from './test-client.ts';

const URI = 'file:///w/src/a.c';
const HEADER = 'file:///w/src/mem.h';

/** The names of the headers that `text` brings in from `files`. */
async function included(text: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const file: SourceFile = { file: URI, text };
  const headers = await includedHeaders(file, (uri) => Promise.resolve(files[uri] ?? null));
  return headers.map((header) => header.file);
}

test('a header is found beside the file, below it, above it, and in an include folder', async () => {
  const files = {
    [HEADER]: '',
    'file:///w/src/a%20b/deep.h': '',
    'file:///w/up.h': '',
    'file:///w/include/pkg/api.h': '',
  };
  const text =
    '#include "mem.h"\n # include "a b/deep.h"\n#include "../up.h"\n#include "pkg/api.h"\n';
  expect(await included(text, files)).toEqual(Object.keys(files));
});

test('system headers, missing headers and commented includes bring nothing', async () => {
  const text = '#include <stdio.h>\n#include "gone.h"\n// #include "mem.h"\n#include "mem.h\n';
  const files = { [HEADER]: '', 'file:///w/src/stdio.h': '' };
  expect(await included(text, files)).toEqual([]);
});

test('an own header between angle brackets is found in a folder above, or in an include folder', async () => {
  const files = { 'file:///w/top.h': '', 'file:///w/include/pkg/api.h': '' };
  expect(await included('#include <top.h>\n#include <pkg/api.h>\n', files)).toEqual(
    Object.keys(files),
  );
});

test('headers that include each other, or the file, end', async () => {
  const other = 'file:///w/src/other.h';
  const files = { [HEADER]: '#include "other.h"\n#include "a.c"\n', [other]: '#include "mem.h"\n' };
  expect(await included('#include "mem.h"\n#include "mem.h"\n', files)).toEqual([HEADER, other]);
});

test('there is an end to how many and how long', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `h${index}.h`);
  const files = Object.fromEntries(names.map((name) => [`file:///w/src/${name}`, '']));
  const text = names.map((name) => `#include "${name}"\n`).join('');
  expect(await included(text, files)).toHaveLength(64);
  expect(await included('#include "mem.h"\n', { [HEADER]: ' '.repeat(2 ** 20 + 1) })).toEqual([]);
});

test('a check sees the header on disk until it is open, then as edited', async () => {
  const engine = fakeEngine();
  const disk: Readonly<Record<string, string>> = { [HEADER]: '/* on disk */\n' };
  const { client } = startInMemory({
    ...engine,
    files: {
      list: () => Promise.resolve([]),
      read: (uri) => {
        const text = disk[uri];
        return text === undefined ? Promise.reject(new Error(uri)) : Promise.resolve(text);
      },
    },
  });
  await client.initialize();
  const text = `#include "mem.h"\n${BAD_C}`;
  await client.open(URI, text);
  const { resultId } = await client.pull(URI);
  expect(engine.checked).toEqual([text, '/* on disk */\n']);
  await client.open(HEADER, BAD_C);
  // Found in the header, but not told twice.
  expect((await client.pull(URI, resultId)).kind).toBe('unchanged');
  expect(engine.checked.slice(2)).toEqual([text, BAD_C]);
});

test('an edited header is followed by a push for the files that may include it', async () => {
  const { client } = startInMemory(fakeEngine());
  await client.initialize({ capabilities: {} });
  await client.open(URI, BAD_C);
  await client.open(HEADER, GOOD_C);
  await until('the first results', () => client.published.length >= 2);
  const before = client.publishedFor(URI).length;
  await client.change(HEADER, { text: '' });
  await until('a push for the file', () => client.publishedFor(URI).length > before);
});

test('of a deleted folder with headers, the files that included them are checked again', async () => {
  const engine = fakeEngine();
  const disk = new Map([[HEADER, '/* on disk */\n']]);
  const { client } = startInMemory({
    ...engine,
    files: {
      list: () => Promise.resolve([]),
      read: (uri) => {
        const text = disk.get(uri);
        return text === undefined ? Promise.reject(new Error(uri)) : Promise.resolve(text);
      },
    },
  });
  await client.initialize({ capabilities: {} });
  const text = `#include "mem.h"\n${BAD_C}`;
  await client.open(URI, text);
  await until('the first results', () => client.publishedFor(URI).length > 0);
  expect(engine.checked).toEqual([text, '/* on disk */\n']);
  disk.clear();
  await client.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: [{ uri: HEADER.slice(0, HEADER.lastIndexOf('/')), type: FileChangeType.Deleted }],
  });
  await until('another check', () => engine.checked.length > 2);
  expect(engine.checked.slice(2)).toEqual([text]);
});
