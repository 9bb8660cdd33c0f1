// Headers found along the search paths of each kind of build file, by the command line's engine and by the
// language server; two headers of one name told apart; bad build files survived.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { URI } from 'vscode-uri';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { readHeaders } from '../../server/cli/read-headers.ts';
import { disk } from '../../server/files/disk.ts';
import { projectIncludes } from '../../server/files/project-includes.ts';
import { nodeFiles } from '../../server/lsp/node-files.ts';
import { RULES } from '../../server/rules/index.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { startInMemory } from '../lsp/test-client.ts';
import { BUILD_FILES, SHARED, SOURCE, TREE } from './include-trees.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-includes-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text.replaceAll('%', JSON.stringify(root).slice(1, -1)));
  }
}

/** The files with findings, when `names` are checked together with the headers that they include. */
async function found(...names: readonly string[]): Promise<string[]> {
  const includes = projectIncludes(disk);
  const texts = new Map(names.map((name) => [path.join(root, name), SOURCE]));
  const headers = await readHeaders(texts, includes);
  const files = Array.from([...texts, ...headers], ([file, text]) => {
    return { file, text, includePaths: includes.of(file) };
  });
  const parser = await loadParser({ backend: 'wasm' });
  const { findings } = check(files, parser, DEFAULT_SETTINGS);
  return findings.map(({ at }) => path.relative(root, at.file).split(path.sep).join('/'));
}

/** The same as the language server tells of one open file. */
async function foundByServer(name: string): Promise<number> {
  const { client } = startInMemory({
    check,
    loadParser: () => loadParser({ backend: 'wasm' }),
    files: nodeFiles,
    ruleIds: RULES.map(({ id }) => id),
    quietMilliseconds: 5,
  });
  await client.initialize();
  const uri = URI.file(path.join(root, name)).toString();
  await client.open(uri, SOURCE);
  return (await client.items(uri)).length;
}

describe.each(Object.entries(BUILD_FILES))('%s', (_, files) => {
  test('tells two headers of one name apart, whatever the order of the files', async () => {
    write({ ...TREE, ...files });
    expect(await found('src/a.c', 'src/z.c')).toEqual(['src/a.c']);
    expect(await found('src/z.c', 'src/a.c')).toEqual(['src/a.c']);
    expect(await foundByServer('src/a.c')).toBe(1);
    expect(await foundByServer('src/z.c')).toBe(0);
  });
});

describe.each(Object.entries(SHARED))('%s', (_, files) => {
  test('holds for every file of the project', async () => {
    write({ ...TREE, ...files });
    expect(await found('src/a.c')).toEqual(['src/a.c']);
    expect(await foundByServer('src/z.c')).toBe(1);
  });
});

test('a header beside the file comes first, and without a build file nothing is searched', async () => {
  write({ ...TREE, ...SHARED['setup.cfg'], 'src/common.h': '#define XFREE(p) PyMem_Free(p)\n' });
  expect(await found('src/a.c')).toEqual([]);
  rmSync(path.join(root, 'src/common.h'));
  expect(await found('src/a.c')).toEqual(['src/a.c']);
  rmSync(path.join(root, 'setup.cfg'));
  expect(await found('src/a.c')).toEqual([]);
  expect(projectIncludes(disk).of(path.join(root, 'src/a.c'))).toEqual([]);
});

test('outside of the project only a compilation database leads', () => {
  write({ ...TREE, 'project/.git/HEAD': '', 'project/a.c': SOURCE, 'project/setup.py': '' });
  symlinkSync(path.join(root, 'src'), path.join(root, 'project/link'));
  write({
    'project/setup.py': 'Extension("a", ["a.c"], include_dirs=["../src", "link/sub/second"])',
  });
  const file = path.join(root, 'project/a.c');
  expect(projectIncludes(disk).of(file)).toEqual([]);
  write({
    'project/compile_commands.json':
      '[{"directory": "%/project", "file": "a.c", "command": "cc -I../src/sub/second"}]',
  });
  expect(projectIncludes(disk).of(file)).toEqual([path.join(root, 'src/sub/second')]);
});

test('build files with mistakes are survived, and told of', () => {
  write({
    ...TREE,
    'compile_commands.json': '[{"directory":',
    'pyproject.toml': '[tool\n',
    'setup.py': `Extension("a", include_dirs=[${'('.repeat(50_000)}`,
    'setup.cfg': 'include_dirs\n=\n\0',
    'meson.build': "include_directories('''\nsubdir('.')\nsubdir('..')\n",
    'CMakeLists.txt': `set(A \${A}\${A})\n${'set(A ${A}${A} x)\n'.repeat(5_000)}add_subdirectory(.)`,
  });
  const includes = projectIncludes(disk);
  expect(includes.of(path.join(root, 'src/a.c'))).toEqual([]);
  const broken = [...includes.broken().keys()].map((file) => path.basename(file));
  expect(broken).toEqual(['compile_commands.json', 'pyproject.toml']);
});
