// Configuration files: what they say for which file, and what is told of mistakes.
import Ajv from 'ajv';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseTOML, getStaticTOMLValue } from 'toml-eslint-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIG, type Config } from '../../server/config/config-schema.ts';
import { configFinder } from '../../server/config/find-config.ts';
import { disk } from '../../server/files/disk.ts';
import type { FileTree } from '../../server/files/file-tree.ts';
import { createProject, type Flags, unionOf } from '../../server/config/project.ts';
import { ConfigError, type ConfigFile, readConfig } from '../../server/config/read-config.ts';
import { targetVersions } from '../../server/config/target-versions.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const NO_FLAGS: Flags = {
  select: [],
  ignore: [],
  minConfidence: null,
  generated: null,
  exclude: [],
  cwd: '/p',
};

function read(text: string, name = 'pymem-lint.toml'): ConfigFile | null {
  return readConfig(`/p/${name}`, text, name);
}

function mistakes(text: string, name?: string): readonly string[] {
  try {
    read(text, name);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function project(text: string, flags: Partial<Flags> = {}) {
  const file = read(text);
  return createProject(() => file, { ...NO_FLAGS, ...flags });
}

describe('mistakes name file, line and key', () => {
  test.each([
    [
      'ignore = []\nselct = ["all"]',
      "pymem-lint.toml:2: unknown key 'selct'. Did you mean 'select'?",
    ],
    [
      'select = [\n  "all",\n  "double-fre",\n]',
      `pymem-lint.toml:3: 'select[2]': "double-fre" is not known. Did you mean 'double-free'?`,
    ],
    ['generated = "yes"', `pymem-lint.toml:1: 'generated': expected true or false, got "yes".`],
    ['ignore = "all"', `pymem-lint.toml:1: 'ignore': expected a list, got "all".`],
    [
      'min-confidence = "sure"',
      `pymem-lint.toml:1: 'min-confidence': "sure" is not known. It must be one of definite, likely, possible.`,
    ],
    [
      '[[overrides]]\npaths = ["a"]\n[[overrides]]\nignore = []\nseverty = {}',
      "pymem-lint.toml:3: 'overrides[2].paths' is missing.",
    ],
    [
      '[[functions]]\nname = "f"\nallocates = "mme"',
      "pymem-lint.toml:3: 'allocates': there is no family 'mme'. Did you mean 'mem'?",
    ],
    [
      '[[functions]]\nname = "f"\nlike = "PyMem_Maloc"',
      "pymem-lint.toml:3: 'like': the knowledge table has no 'PyMem_Maloc'. Did you mean 'PyMem_Malloc'?",
    ],
    ['[[functions]]\nname = "f"', 'says nothing: give it one of like, allocates'],
    ['[[functions]]\nname = "f"\nlike = "free"\nreleases = "mem"', 'a function has one of like'],
    ['[[functions]]\nname = "not a name"\nlike = "free"', '"not a name" is not a C name'],
    ['severity = []', "pymem-lint.toml:1: 'severity': expected a table, got []."],
    [
      'per-file-ignores = ["memory-leak"]',
      `pymem-lint.toml:1: 'per-file-ignores': expected a table, got ["memory-leak"].`,
    ],
    [
      '[[overrides]]\npaths = ["a"]\nseverity = []',
      "pymem-lint.toml:3: 'overrides[1].severity': expected a table, got [].",
    ],
    [
      'target-versions = [3.11]',
      "pymem-lint.toml:1: 'target-versions[1]': expected a text, got 3.11: write it in quotes.",
    ],
    [
      'min-confidence = 3',
      "pymem-lint.toml:1: 'min-confidence': expected one of definite, likely, possible, got 3.",
    ],
    ['target-versions = ["2.7"]', '"2.7" is not known. It must be one of 3.8, '],
    [
      '[[functions]]\nname = "f"\nreleases = "mem"\nargument = 0',
      "pymem-lint.toml:4: 'functions[1].argument': expected a number from 1, got 0.",
    ],
    [
      '[[functions]]\nname = "f"\nallocates = "mem"\nsize = []',
      "pymem-lint.toml:4: 'functions[1].size': expected a list of 1 or more, got [].",
    ],
    [
      '[tool.pymem-lint]\nselect = ["all"]',
      "pymem-lint.toml:1: unknown key 'tool'. In this file keys are written without 'tool.pymem-lint'.",
    ],
    ['select = [', 'pymem-lint.toml:1:'],
    ['a = 1\na = 2', 'pymem-lint.toml:2:'],
  ])('%j', (text, message) => {
    expect(mistakes(text).join('\n')).toContain(message);
  });

  test('each once, with all others', () => {
    expect(mistakes('selct = 1\nper-file-ignores = ["a", "b", "c"]\noverrides = [["a"]]')).toEqual([
      `pymem-lint.toml:2: 'per-file-ignores': expected a table, got ["a","b","c"].`,
      `pymem-lint.toml:3: 'overrides[1]': expected a table, got ["a"].`,
      "pymem-lint.toml:1: unknown key 'selct'. Did you mean 'select'?",
    ]);
    expect(mistakes('functions = [["a", "b"]]')).toEqual([
      `pymem-lint.toml:1: 'functions[1]': expected a table, got ["a","b"].`,
    ]);
    expect(mistakes('overrides = { x = [] }')).toEqual([
      `pymem-lint.toml:1: 'overrides': expected a list, got {"x":[]}.`,
    ]);
  });

  test('in pyproject.toml, of the table itself', () => {
    expect(mistakes('[tool]\npymem-lint = []', 'pyproject.toml')).toEqual([
      "pyproject.toml:2: 'tool.pymem-lint': expected a table, got [].",
    ]);
    expect(mistakes('[tool.pymem-lint.tool.x]\ny = 1', 'pyproject.toml').join()).not.toContain(
      'In this file',
    );
  });

  test('in pyproject.toml, of the table alone', () => {
    const text = '[tool.ruff]\nselct = 1\n\n[tool.pymem-lint]\nselct = ["all"]\n';
    expect(mistakes(text, 'pyproject.toml')).toEqual([
      "pyproject.toml:5: unknown key 'selct'. Did you mean 'select'?",
    ]);
    expect(read('[tool.ruff]\n', 'pyproject.toml')).toBeNull();
  });

  test('every unknown key of a table', () => {
    const text =
      'selct = 1\nignor = 2\n[[functions]]\nname = "f"\nlik = "g"\nlike = "PyMem_Free"\nzeroes = true';
    expect(mistakes(text)).toEqual([
      "pymem-lint.toml:5: unknown key 'functions[1].lik'. Did you mean 'like'?",
      "pymem-lint.toml:7: unknown key 'functions[1].zeroes'. Did you mean 'zeroed'?",
      "pymem-lint.toml:1: unknown key 'selct'. Did you mean 'select'?",
      "pymem-lint.toml:2: unknown key 'ignor'. Did you mean 'ignore'?",
    ]);
  });

  test('all of them at once', () => {
    expect(mistakes('selct = 1\nignore = 2\nseverity = 3')).toHaveLength(3);
  });
});

test('a file that is there and may not be read is told, not passed over', () => {
  const closed: FileTree = {
    ...disk,
    stat: () => ({ kind: 'file', size: 9, stamp: '' }),
    readText: (file) => {
      const reason = `EACCES: permission denied, open '${file}'`;
      throw Object.assign(new Error(reason), { code: 'EACCES' });
    },
  };
  const find = configFinder(closed, (file) => path.basename(file));
  expect(() => find('/p')).toThrow('pymem-lint.toml cannot be read: permission denied (EACCES).');
  expect(configFinder({ ...closed, stat: () => null }, (file) => file)('/p')).toBeNull();
});

describe('settings of a file', () => {
  const text = `
ignore = ["double-free"]
severity = { memory-leak = "info" }
exclude = ["vendor/", "*_gen.c"]
per-file-ignores = { "tests/**" = ["memory-leak"] }

[[overrides]]
paths = ["src/hot/**"]
select = ["all"]
min-confidence = "possible"
severity = { memory-leak = "error" }
`;

  test('come from the file, and from what it says of this one', () => {
    const of = project(text);
    expect(of.settingsOf('/p/a.c')).toMatchObject({
      select: ['default'],
      ignore: ['double-free'],
      minConfidence: 'likely',
      severity: { 'memory-leak': 'info' },
      from: '/p/pymem-lint.toml',
    });
    expect(of.settingsOf('/p/tests/x/a.c').ignore).toEqual(['memory-leak', 'double-free']);
    expect(of.settingsOf('/p/src/hot/a.c')).toMatchObject({
      select: ['all'],
      minConfidence: 'possible',
      severity: { 'memory-leak': 'error' },
    });
  });

  test('give way to the command line', () => {
    const of = project(text, { select: ['use-after-free'], ignore: ['memory-leak'] });
    expect(of.settingsOf('/p/a.c')).toMatchObject({
      select: ['use-after-free'],
      ignore: ['memory-leak'],
    });
  });

  test('leave files out', () => {
    const of = project(text, { exclude: ['b.c'] });
    const names = ['a.c', 'b.c', 'vendor/a.c', 'x/vendor/a.c', 'x/a_gen.c', '../q/b.c'];
    expect(names.map((name) => of.isExcluded(path.resolve('/p', name)))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test('of several files are checked for together', () => {
    const of = project(text);
    const all = ['a.c', 'src/hot/a.c'].map((name) => of.settingsOf(`/p/${name}`));
    expect(unionOf(all)).toMatchObject({
      select: ['default', 'all'],
      ignore: ['double-free'],
      minConfidence: 'possible',
    });
  });
});

test.each([
  ['>=3.9', '3.9 3.10 3.11 3.12 3.13 3.14'],
  ['>=3.9.2, <3.12', '3.9 3.10 3.11'],
  ['~=3.10', '3.10 3.11 3.12 3.13 3.14'],
  ['~=3.11.2', '3.11'],
  ['==3.12.*', '3.12'],
  ['>=3.8,!=3.9.*,<3.11', '3.8 3.10'],
  ['>3.11', '3.11 3.12 3.13 3.14'],
  ['>=3', '3.8 3.9 3.10 3.11 3.12 3.13 3.14'],
  ['<3', '3.8 3.9 3.10 3.11 3.12 3.13 3.14'],
  ['nonsense', '3.8 3.9 3.10 3.11 3.12 3.13 3.14'],
])('requires-python = %j is for %s', (specifier, versions) => {
  expect(targetVersions([], specifier).join(' ')).toBe(versions);
});

describe('what a project requires of Python', () => {
  const files = {
    'pyproject.toml': '[project]\nrequires-python = ">=3.13"\n',
    'own/pymem-lint.toml': '',
    'own/newer/pyproject.toml': '[project]\nrequires-python = ">=3.14"\n',
    'said/pymem-lint.toml': 'target-versions = ["3.9"]\n',
    'said/pyproject.toml': '[project]\nrequires-python = ">=3.12"\n',
    // A virtual environment says it where no requirement stands beside it.
    '.venv/pyvenv.cfg': 'home = /usr/bin\nversion = 3.8.10\n',
    'venv-alone/.venv/pyvenv.cfg':
      'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.12.4\n',
    'virtualenv/venv/pyvenv.cfg': 'implementation = CPython\nversion_info = 3.11.2.final.0\n',
    'virtualenv/pyproject.toml': '[tool.ruff]\n',
    'odd/.venv/pyvenv.cfg': 'version = new\n',
  };
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-config-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ['a.c', '3.13 3.14', 'pyproject.toml'],
    ['src/a.c', '3.13 3.14', 'pyproject.toml'],
    ['own/a.c', '3.13 3.14', 'pyproject.toml'],
    ['own/newer/a.c', '3.14', 'own/newer/pyproject.toml'],
    ['said/a.c', '3.9', 'said/pymem-lint.toml'],
    ['venv-alone/src/a.c', '3.12', 'venv-alone/.venv/pyvenv.cfg'],
    ['virtualenv/a.c', '3.11', 'virtualenv/venv/pyvenv.cfg'],
    ['odd/a.c', '3.13 3.14', 'pyproject.toml'],
  ])('holds for %s, with a table of ours or without', (name, versions, from) => {
    const find = configFinder(disk, (shown) => shown);
    const of = createProject(find, { ...NO_FLAGS, cwd: folder });
    const { targets, targetsFrom } = of.settingsOf(path.join(folder, name));
    expect(targets.join(' ')).toBe(versions);
    expect(path.relative(folder, targetsFrom ?? '')).toBe(from);
  });
});

describe('the published JSON Schema', () => {
  const schema: object = JSON.parse(
    readFileSync(path.join(ROOT, 'docs/pymem-lint.schema.json'), 'utf8'),
  );
  const validate = new Ajv().compile(schema);
  const accepts = (text: string): boolean => validate(getStaticTOMLValue(parseTOML(text)));

  test('accepts the examples of the guide', () => {
    const guide = readFileSync(path.join(ROOT, 'docs/configuration.md'), 'utf8');
    const blocks = [...guide.matchAll(/```toml\n([\s\S]*?)```/g)].map(([, block = '']) => block);
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) {
      expect(mistakes(block, 'pyproject.toml')).toEqual([]);
      expect(
        accepts(block.replaceAll('tool.pymem-lint.', '').replaceAll('[tool.pymem-lint]', '')),
      ).toBe(true);
    }
  });

  test('rejects what the reader rejects', () => {
    for (const text of ['selct = 1', 'generated = "yes"', 'severity = { x = "error" }']) {
      expect(accepts(text)).toBe(false);
      expect(mistakes(text)).not.toEqual([]);
    }
  });

  test('knows every key', () => {
    const keys: (keyof Config)[] = Object.keys(CONFIG.entries).filter(isKey);
    expect(Object.keys('properties' in schema ? Object(schema.properties) : {})).toEqual(keys);
  });
});

function isKey(name: string): name is keyof Config {
  return name in CONFIG.entries;
}
