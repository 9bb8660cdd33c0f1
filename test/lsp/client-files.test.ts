// Files read through the client are the same as on disk: found, configured, searched for headers. What is asked
// for is what is looked at, once.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientFiles } from '../../server/lsp/client-files.ts';
import type { WorkspaceFiles } from '../../server/lsp/files.ts';
import { nodeFiles } from '../../server/lsp/node-files.ts';
import {
  type FileParams,
  READ_FOLDER_REQUEST,
  type ReadFileResult,
  type ReadFolderResult,
} from '../../server/lsp/protocol.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { BUILD_FILES, TREE as WITH_HEADERS } from '../files/include-trees.ts';

let outer = '';
let root = '';
let asked: string[] = [];
let files: WorkspaceFiles;

beforeEach(() => {
  outer = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-client-'));
  root = path.join(outer, 'workspace');
  asked = [];
  files = clientFiles(connectionTo(root));
});
afterEach(() => rmSync(outer, { recursive: true, force: true }));

/** To a client whose workspace is a folder on disk; it reads any file. */
function connectionTo(folder: string): Connection {
  const answer = (method: string, params: FileParams): ReadFileResult | ReadFolderResult => {
    const place = URI.parse(params.uri).fsPath;
    asked.push(`${method.replace(/.*\//, '')} ${path.relative(folder, place)}`);
    if (method !== READ_FOLDER_REQUEST) return bytesOf(place);
    if (path.relative(folder, place).startsWith('..')) return null;
    return entriesOf(place);
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is used of one
  return {
    sendRequest: (method: string, params: FileParams) => Promise.resolve(answer(method, params)),
    console: { warn: (message: string) => asked.push(`warned ${message}`) },
  } as unknown as Connection;
}

function bytesOf(file: string): ReadFileResult {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

function entriesOf(folder: string): ReadFolderResult {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      kind: entry.isDirectory() ? 'folder' : 'file',
    }));
  } catch {
    return null;
  }
}

function write(tree: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(tree)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text.replaceAll('%', JSON.stringify(root).slice(1, -1)));
  }
}

function reads(): readonly string[] {
  return asked.filter((each) => each.startsWith('readFile'));
}

function uri(name: string): string {
  return URI.file(path.join(root, name)).toString();
}

const TREE: Readonly<Record<string, string>> = {
  '.gitignore': '/build/\n*.gen.c\n!src/kept.gen.c\n',
  '.git/HEAD': '',
  'src/a.c': 'int a;',
  'src/b.gen.c': 'int b;',
  'src/kept.gen.c': 'int kept;',
  'src/deep/er/c.cpp': 'int c;',
  'build/made.c': 'int made;',
  'node_modules/x/x.c': 'int x;',
  'venv/pyvenv.cfg': '',
  'venv/include/p.h': 'int p;',
  'pyproject.toml': '[project]\nrequires-python = ">=3.12"\n',
  'src/deep/pymem-lint.toml': 'ignore = ["memory-leak"]\n',
};

test('the same files are found as on disk', async () => {
  write(TREE);
  const found = await files.list(uri(''));
  expect(found).toEqual(await nodeFiles.list(uri('')));
  expect(found.map((each) => path.relative(root, URI.parse(each).fsPath))).toEqual([
    'src/a.c',
    'src/deep/er/c.cpp',
    'src/kept.gen.c',
  ]);
  const ofIgnored = asked.filter((each) => /build|node_modules/.test(each));
  expect(ofIgnored).toEqual([]);
  expect(asked).toEqual([...new Set(asked)]);
  asked = [];
  await files.list(uri(''));
  expect(asked).toEqual([]);
});

test('a folder that is none is refused', async () => {
  write(TREE);
  await expect(files.list(uri('src/a.c'))).rejects.toThrow('is not a folder');
  await expect(files.list(URI.file(path.join(outer, 'other')).toString())).rejects.toThrow(
    'is not a folder',
  );
});

test('the same settings hold as on disk', async () => {
  write(TREE);
  for (const name of ['src/a.c', 'src/deep/er/c.cpp', 'src']) {
    const settings = await files.settingsOf?.(uri(name), DEFAULT_SETTINGS);
    expect(settings).toEqual(await nodeFiles.settingsOf?.(uri(name), DEFAULT_SETTINGS));
    expect(settings?.targets[0]).toBe('3.12');
  }
  write({ 'src/deep/pymem-lint.toml': 'ignores = []\n' });
  files.forget?.(uri('src/deep/pymem-lint.toml'));
  await expect(files.settingsOf?.(uri('src/deep/er/c.cpp'), DEFAULT_SETTINGS)).rejects.toThrow(
    "unknown key 'ignores'",
  );
});

describe.each(Object.entries(BUILD_FILES))('%s', (_, buildFiles) => {
  test('leads to the same folders as on disk', async () => {
    write({ ...WITH_HEADERS, ...buildFiles });
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const includePaths = files.includePaths?.();
    const onDisk = nodeFiles.includePaths?.();
    let found = 0;
    for (const name of names.filter((each) => /\.[ch]$/.test(each))) {
      const folders = await includePaths?.(uri(name));
      expect(folders).toEqual(await onDisk?.(uri(name)));
      found += folders?.length ?? 0;
    }
    expect(found).toBeGreaterThan(0);
  });
});

test('a file that was made, changed or deleted is seen once it is told of', async () => {
  write({ 'src/a.c': 'int a;' });
  expect(await files.read(uri('src/a.c'))).toBe('int a;');
  await expect(files.read(uri('include/new.h'))).rejects.toThrow('the editor cannot read it');
  write({ 'include/new.h': 'int new;', 'setup.py': "Extension('a', include_dirs=['include'])" });
  files.forget?.(uri('include/new.h'));
  files.forget?.(uri('setup.py'));
  expect(await files.read(uri('include/new.h'))).toBe('int new;');
  expect(await files.includePaths?.()(uri('src/a.c'))).toEqual([uri('include')]);
  expect(await files.list(uri(''))).toEqual([uri('include/new.h'), uri('src/a.c')]);
  rmSync(path.join(root, 'include'), { recursive: true });
  files.forget?.(uri('include/new.h'));
  expect(await files.list(uri(''))).toEqual([uri('src/a.c')]);
});

test('a file is asked for once until it changes', async () => {
  write({ 'src/a.c': 'int a;', 'src/binary.c': '\u007fELF\0\0\0\0'.repeat(9) });
  await Promise.all([files.read(uri('src/a.c')), files.read(uri('src/a.c'))]);
  expect(await files.read(uri('src/a.c'))).toBe('int a;');
  expect(reads()).toEqual(['readFile src/a.c']);
  for (const changed of [uri('src/a.c'), null]) {
    write({ 'src/a.c': `int of_${String(changed === null)};` });
    files.forget?.(changed);
    expect(await files.read(uri('src/a.c'))).toBe(`int of_${String(changed === null)};`);
  }
  expect(reads()).toHaveLength(3);
  await expect(files.read(uri('src/binary.c'))).rejects.toThrow();
  write({ 'src/binary.c': 'int text;' });
  expect(await files.read(uri('src/binary.c'))).toBe('int text;');
});

test('headers that are nowhere are not asked for; outside of the workspace they are', async () => {
  write({ 'src/a.c': 'int a;' });
  await expect(files.read(uri('src/include/gone.h'))).rejects.toThrow();
  await expect(files.read(uri('src/gone.h'))).rejects.toThrow();
  expect(reads()).toEqual([]);
  writeFileSync(path.join(outer, 'beside.h'), 'int beside;');
  expect(await files.read(URI.file(path.join(outer, 'beside.h')).toString())).toBe('int beside;');
});

test('a document without a place has neither settings nor neighbors', async () => {
  expect(await files.settingsOf?.('untitled:Untitled-1', DEFAULT_SETTINGS)).toBeNull();
  expect(await files.includePaths?.()('untitled:Untitled-1')).toEqual([]);
  await expect(files.read('untitled:Untitled-1')).rejects.toThrow();
  expect(asked).toEqual([]);
});
