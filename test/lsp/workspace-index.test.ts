// An open file is checked with the files that it depends on, closed or open, without Lint Workspace; it is
// checked again when one of them changes.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileEvent,
} from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import type { WorkspaceFiles } from '../../server/lsp/files.ts';
import { nodeFiles } from '../../server/lsp/node-files.ts';
import { RelatedFiles } from '../../server/lsp/related-files.ts';
import { WorkspaceIndex } from '../../server/lsp/workspace-index.ts';
import { RULES } from '../../server/rules/index.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { PULL, startInMemory, type TestClient, until } from './test-client.ts';

const USE = `#include "box.h"
void use(void) {
  char *p = fresh(8);
  PyMem_Free(p);
}
void end(Box *box) { free(box->data); }
`;
const FRESH_BAD = 'char *fresh(int n) { return malloc(n); }\n';
const FRESH_GOOD = 'char *fresh(int n) { return PyMem_Malloc(n); }\n';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'pymem-lint-index-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return URI.file(file).toString();
}

async function started(pulls: boolean): Promise<TestClient> {
  const watched = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };
  const { client } = startInMemory({
    check,
    loadParser: () => loadParser({ backend: 'native' }),
    files: nodeFiles,
    ruleIds: RULES.map(({ id }) => id),
    quietMilliseconds: 5,
  });
  const capabilities = pulls ? { ...PULL, ...watched } : watched;
  await client.initialize({ capabilities, folders: [URI.file(root).toString()] });
  // The last thing that is done once the index is there.
  await until('the index', () => client.registered.includes('workspace/didChangeWatchedFiles'));
  return client;
}

async function codes(client: TestClient, uri: string): Promise<unknown[]> {
  return (await client.items(uri)).map(({ code, range }) => `${range.start.line + 1} ${code}`);
}

describe('an open file', () => {
  test('sees wrappers and fields of closed files, and what becomes of them on disk', async () => {
    const use = write('use.c', USE);
    const fresh = write('lib/fresh.c', FRESH_BAD);
    write('box.h', '#pragma once\ntypedef struct { char *data; } Box;\n');
    write('fill.c', '#include "box.h"\nvoid fill(Box *box) { box->data = PyMem_Malloc(3); }\n');
    const client = await started(true);
    await client.open(use, USE);
    expect(await codes(client, use)).toEqual(['4 mismatched-free', '6 mismatched-free']);
    write('lib/fresh.c', FRESH_GOOD);
    const changes: FileEvent[] = [{ uri: fresh, type: FileChangeType.Changed }];
    await client.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
    expect(await codes(client, use)).toEqual(['6 mismatched-free']);
    rmSync(path.join(root, 'fill.c'));
    expect(await codes(client, use)).toEqual([]);
  });

  test('sees another open file as it is edited', async () => {
    const use = write('use.c', USE);
    const fresh = write('fresh.c', FRESH_GOOD);
    const client = await started(true);
    await client.open(use, USE);
    expect(await codes(client, use)).toEqual([]);
    await client.open(fresh, FRESH_BAD);
    expect(await codes(client, use)).toEqual(['4 mismatched-free']);
  });

  test('is told of again when a file beside it is edited, where the client does not ask', async () => {
    const use = write('use.c', USE);
    const fresh = write('fresh.c', FRESH_GOOD);
    const client = await started(false);
    await client.open(use, USE);
    await until('no finding', () => client.publishedFor(use).at(-1)?.diagnostics.length === 0);
    await client.open(fresh, FRESH_BAD);
    await until('a finding', () => client.publishedFor(use).at(-1)?.diagnostics.length === 1);
  });
});

describe('the files that go with a file', () => {
  const files = new RelatedFiles();
  files.set({
    file: 'a.c',
    text: 'int twice(int a) {\n  return a;\n}\nstatic int own(void) { return 1; }\n',
  });
  files.set({
    file: 'b.c',
    text: '#include "x/box.h"\n#include "y.h"\nint once(void) { return 1; }\n',
  });
  files.set({ file: 'c.c', text: '#include "box.h"\nint twice(int a) { return 2 * a; }\n' });

  test('define what it calls, each name once in the workspace', () => {
    const text = 'int f(void) { return once() + twice(own()); }';
    expect(files.definersFor({ file: 'f.c', text })).toEqual(['b.c']);
    expect(files.definersFor({ file: 'b.c', text })).toEqual([]);
  });

  test('share its headers, most first', () => {
    const text = '#include "../box.h"\n#include "y.h"\n';
    expect(files.sharersOf({ file: 'f.c', text })).toEqual(['b.c', 'c.c']);
    expect(files.sharersOf({ file: 'f.c', text: '#include <y.h>\n' })).toEqual(['b.c']);
  });

  test('do not share the headers of the system', () => {
    files.set({ file: 'd.c', text: '#include <stdio.h>\n#include <Python.h>\n' });
    expect(files.sharersOf({ file: 'f.c', text: '#include <stdio.h>\n' })).toEqual([]);
    expect(files.sharersOf({ file: 'f.c', text: '#include <Python.h>\n' })).toEqual([]);
  });

  test('are forgotten, or seen anew', () => {
    const changing = new RelatedFiles();
    const caller = { file: 'f.c', text: 'int f(void) { return one() + two(); }' };
    changing.set({ file: 'a.c', text: 'int one(void) { return 1; }\n' });
    expect(changing.definersFor(caller)).toEqual(['a.c']);
    changing.set({ file: 'b.c', text: 'int two(void) { return 2; }\n' });
    changing.set({ file: 'a.c', text: 'int three(void) { return 1; }\n' });
    expect(changing.definersFor(caller)).toEqual(['b.c']);
    changing.delete('b.c');
    expect(changing.definersFor(caller)).toEqual([]);
  });
});

describe('the index', () => {
  const logged: string[] = [];
  const log = {
    info: (text: string) => void logged.push(text),
    warn: (text: string) => void logged.push(text),
  };
  function indexOf(texts: ReadonlyMap<string, string>) {
    const reads: string[] = [];
    const files: WorkspaceFiles = {
      list: () => Promise.resolve([...texts.keys()]),
      read: () => Promise.reject(new Error('not asked')),
    };
    const read = (uri: string): Promise<string | null> => {
      reads.push(uri);
      return Promise.resolve(texts.get(uri) ?? null);
    };
    return { index: new WorkspaceIndex({ files, read, log }), reads };
  }
  const caller = { file: 'caller.c', text: '#include "a.h"\nint f(void) { return one(); }\n' };

  test('has bounds: files in the workspace, text beside a file', async () => {
    const padding = `/* ${'x'.repeat(40_000)} */\n#include "a.h"\n`;
    const some = Array.from({ length: 10 }, (_, i) => [`f${i}.c`, padding] as const);
    const { index } = indexOf(new Map([...some, ['one.c', 'int one(void) { return 1; }\n']]));
    await index.build(['folder']);
    const related = (await index.relatedTo(caller)).map(({ file }) => file);
    expect(related).toEqual(['f0.c', 'f1.c', 'f2.c', 'one.c']);

    const many = Array.from({ length: 4001 }, (_, i) => [`f${i}.c`, ''] as const);
    const large = indexOf(new Map(many));
    await large.index.build(['folder']);
    expect(large.reads).toEqual([]);
    expect(await large.index.relatedTo(caller)).toEqual([]);
    expect(logged).toEqual([
      'Open files are checked by themselves: the workspace has 4001 C files.',
    ]);
  });

  test('says nothing until it is built, and stops when it is disposed of', async () => {
    const texts = Array.from(
      { length: 100 },
      (_, i) => [`f${i}.c`, 'int one(void) { }\n'] as const,
    );
    const { index, reads } = indexOf(new Map(texts));
    const built = index.build(['folder']);
    expect(await index.relatedTo(caller)).toEqual([]);
    index.dispose();
    await built;
    expect(reads.length).toBeLessThan(100);
  });
});
