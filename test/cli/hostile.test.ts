// Input that no compiler would take, through the built command line: it is survived, and what can be
// said about it is still right. The files lie in test/fixtures/hostile; large ones are made here.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../needs.ts';
import { buildCli, cli, ROOT } from './built-cli.ts';

const FIXTURES = path.join(ROOT, 'test', 'fixtures', 'hostile');

const PLANTED = `#include <Python.h>

static PyObject *
planted_bad(PyObject *self, PyObject *args)
{
    char *buf = malloc(16);
    if (buf == NULL)
        return PyErr_NoMemory();
    PyMem_Free(buf);
    Py_RETURN_NONE;
}
`;

let folder = '';

beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function made(name: string, content: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Checks one file; the places of the findings, with the exit code that belongs to them. */
function check(file: string): { places: Place[]; stderr: string } {
  const { status, stdout, stderr } = cli(['check', file, '--format', 'json']);
  expect(stderr).not.toContain('internal error');
  const { findings }: { findings: Place[] } = JSON.parse(stdout);
  expect(status).toBe(findings.length === 0 ? 0 : 1);
  return { places: findings.map(({ line, column }) => ({ line, column })), stderr };
}

const fixture = (name: string): string => path.join(FIXTURES, name);

describe('encodings', () => {
  test.each([
    ['crlf.c', { line: 9, column: 5 }],
    ['utf16.c', { line: 9, column: 5 }],
    ['byte-order-mark.c', { line: 9, column: 5 }],
    ['latin1.c', { line: 9, column: 18 }],
    ['nul-bytes.c', { line: 9, column: 5 }],
  ])('%s: the defect is found at its place', (name, place) => {
    expect(check(fixture(name)).places).toEqual([place]);
  });

  test.each([
    ['utf16-unmarked.c', 'looks like UTF-16 without a byte order mark'],
    ['binary.c', 'not text'],
  ])('%s: left out, with the reason', (name, reason) => {
    const { places, stderr } = check(fixture(name));
    expect(places).toEqual([]);
    expect(stderr).toContain(`hostile/${name}: skipped, ${reason}.`);
  });
});

describe('contents', () => {
  test('an empty file is clean', () => {
    expect(check(fixture('empty.c'))).toEqual({ places: [], stderr: '' });
  });

  test('syntax errors on every other line', () => {
    check(fixture('syntax-errors.c'));
  });

  test('macros that expand to themselves', () => {
    expect(check(fixture('self-macro.c')).places).toEqual([{ line: 19, column: 5 }]);
  });

  test('5,000 nested parentheses beside a defect', () => {
    const deep = `int deep(int x) { return ${'('.repeat(5000)}x${')'.repeat(5000)}; }\n`;
    expect(check(made('deep.c', PLANTED + deep)).places).toEqual([{ line: 9, column: 5 }]);
  });

  test('5,000 parentheses that are never closed', () => {
    check(made('open.c', `${PLANTED}int open(int x) { return ${'('.repeat(5000)}x; }\n`));
  });

  test('5,000 nested statements', () => {
    const nested = `void f(int x) { ${'if (x) { '.repeat(5000)}x++;${' }'.repeat(5000)} }\n`;
    check(made('nested.c', PLANTED + nested));
  });

  test('2,000 negations of one value', () => {
    const negated = `int f(int x) { free(malloc(1)); return ${'!'.repeat(2000)}x; }\n`;
    expect(check(made('negated.c', PLANTED + negated)).places).toEqual([{ line: 9, column: 5 }]);
  });

  test('a comment of a megabyte in a declaration', () => {
    const comment = `static struct t x /* ${'word '.repeat(200_000)} */;\n`;
    expect(check(made('comment.c', comment + PLANTED)).places).toEqual([{ line: 10, column: 5 }]);
  });

  test.each(['a', 'A', 'A '])('50,000 times %j, in a declaration and beside a leak', (word) => {
    const words = word.repeat(50_000);
    const leak = `void leak(void) { char *p = PyMem_Malloc(4); if (p) { p[0] = 1; ${words}; } }\n`;
    const { places } = check(made('words.c', `static int ${words};\n${PLANTED}${leak}`));
    expect(places).toContainEqual({ line: 10, column: 5 });
  });

  test('macros that lead to each other 20,000 times', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => `#define A${i} A${i + 1} A${i + 1}\n`);
    const file = made('chain.c', `${chain.join('')}void f(void) { A0; }\n${PLANTED}`);
    expect(check(file).places).toEqual([{ line: 20_010, column: 5 }]);
  });

  test('a line of 200,000 characters, in every format', () => {
    const line = `static const char text[] = "${'x'.repeat(200_000)}"; `;
    const [head = '', tail = ''] = PLANTED.split('    PyMem_Free(buf);');
    const file = made('long-line.c', `${head}${line}PyMem_Free(buf);${tail}`);
    expect(check(file).places).toEqual([{ line: 9, column: line.length + 1 }]);
    const text = cli(['check', file]);
    expect(text.status).toBe(1);
    expect(text.stdout.length).toBeLessThan(5000);
  });

  test('5 MB of generated C', () => {
    const functions = Array.from({ length: 22_000 }, (_, index) =>
      PLANTED.split('\n')
        .slice(2)
        .join('\n')
        .replace('planted_bad', `planted_${index}`)
        .replace('PyMem_Free', index % 1000 === 0 ? 'PyMem_Free' : 'free'),
    );
    const file = made('large.c', `#include <Python.h>\n\n${functions.join('\n')}`);
    expect(check(file).places).toHaveLength(22);
  }, 300_000);
});

describe('paths', () => {
  test('spaces, quotes and other alphabets', () => {
    const name = "ein Pfad/mit 'Zeichen' 名前 é.c";
    made(name, PLANTED);
    const { status, stdout } = cli(['check', '.', '--format', 'concise'], {
      cwd: path.join(folder, 'ein Pfad'),
    });
    expect(status).toBe(1);
    expect(stdout).toContain("mit 'Zeichen' 名前 é.c:9:5: error:");
  });

  const endless = needs('/dev/zero', existsSync('/dev/zero'));

  endless.test('a link to a device is not read to its end', () => {
    const file = made('endless/module.c', `#include "endless.h"\n${PLANTED}`);
    const at = path.dirname(file);
    const names = ['endless.h', 'endless.c', 'pymem-lint.toml', 'pyproject.toml', 'setup.py'];
    for (const name of [...names, '.gitignore']) symlinkSync('/dev/zero', path.join(at, name));
    const { status, stdout } = cli(['check', at, '--format', 'concise']);
    rmSync(at, { recursive: true });
    expect(status).toBe(1);
    expect(stdout).toContain('module.c:10:5');
  });

  needs('mkfifo', spawnSync('mkfifo', ['--version']).status === 0).test(
    'a pipe that nobody writes to is not waited for',
    () => {
      const file = made('pipes/module.c', `#include "pipe.h"\n${PLANTED}`);
      const at = path.dirname(file);
      const names = ['pipe.h', 'pipe.c', 'pymem-lint.toml', 'pyproject.toml', 'setup.py'];
      execFileSync('mkfifo', [...names, '.gitignore', 'meson.build'], { cwd: at });
      symlinkSync('pipe.h', path.join(at, 'setup.cfg'));
      const { status, stdout } = cli(['check', at, '--format', 'concise']);
      rmSync(at, { recursive: true });
      expect(status).toBe(1);
      expect(stdout).toContain('module.c:10:5');
    },
  );

  endless.test('nor is a device that is named', () => {
    const file = made('endless/module.c', PLANTED);
    for (const option of ['--config', '--baseline', '--steps']) {
      const { status, stderr } = cli(['check', file, option, '/dev/zero']);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^pymem-lint: error: .*\/dev\/zero.* larger than \d+ MB\.?\n$/);
    }
  });

  test('a folder without C files says so', () => {
    made('no-c/readme.txt', 'none');
    const { status, stderr } = cli(['check', path.join(folder, 'no-c')]);
    expect(status).toBe(0);
    expect(stderr).toContain('no C or C++ files');
  });

  test('a path that does not exist is named, with its neighbor', () => {
    made('near/module.c', PLANTED);
    const { status, stdout, stderr } = cli(['check', 'modul.c'], {
      cwd: path.join(folder, 'near'),
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe("pymem-lint: error: 'modul.c' does not exist. Did you mean 'module.c'?\n");
  });

  test('one that cannot be read leaves the others to be checked', () => {
    const file = made('closed/closed.c', PLANTED);
    made('closed/open.c', PLANTED);
    chmodSync(file, 0);
    const { status, stdout, stderr } = cli(['check', path.dirname(file), '--format', 'concise']);
    expect(status).toBe(1);
    expect(stdout).toContain('open.c:9:5');
    // Root reads everything.
    if (process.getuid?.() === 0) expect(stdout).toContain('closed.c:9:5');
    else expect(stderr).toContain('closed.c: skipped, no permission to read it.');
  });
});
