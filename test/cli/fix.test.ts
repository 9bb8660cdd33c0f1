// Repairs: what `--fix` writes, what it leaves alone, and that the result compiles and is clean.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { editBytes, editText } from '../../server/cli/fix/edit-text.ts';
import { decode } from '../../server/files/decode-source.ts';
import { RULES } from '../../server/rules/index.ts';
import { compileErrors, needsPythonHeaders } from '../check/compiler.ts';
import { ROOT } from './built-cli.ts';
import { realProgram } from './real-program.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-fix-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const BAD =
  '#include <Python.h>\nvoid f(void) {\n    char *p = PyMem_Malloc(8);\n    free(p);\n}\n';
const GOOD = BAD.replace('free(p)', 'PyMem_Free(p)');

function write(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

const run = (...args: readonly string[]) => realProgram(folder, args);

function fixable(json: string): number {
  return JSON.parse(json).findings.filter(({ fixes }: { fixes?: unknown }) => fixes).length;
}

describe('--fix', () => {
  test('writes what is beyond doubt and reports the rest', async () => {
    const file = write('a.c', `${BAD}void g(void) { char *q = malloc(8); if (q) q[0] = 1; }\n`);
    chmodSync(file, 0o640);
    const { status, output, errors } = await run('check', '--fix', '--output-format', 'concise');
    expect(readFileSync(file, 'utf8')).toContain('PyMem_Free(p)');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(output).toContain('memory-leak');
    expect(output).not.toContain('mismatched-free');
    expect(errors).toContain('Fixed 1 finding in 1 file.');
    expect(status).toBe(1);
  });

  test('writes a file once that has two names', async () => {
    const file = write('a.c', BAD);
    symlinkSync('a.c', path.join(folder, 'b.c'));
    expect((await run('check', '--fix')).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(GOOD);
    expect(readlinkSync(path.join(folder, 'b.c'))).toBe('a.c');
  });

  test('leaves what is only likely, unless unsafe fixes are asked for', async () => {
    const text = `#include <Python.h>
typedef struct { PyObject_HEAD char *name; } Thing;
static int init(Thing *self) { self->name = PyMem_Malloc(8); return self->name ? 0 : -1; }
static void dealloc(Thing *self) { free(self->name); Py_TYPE(self)->tp_free(self); }
`;
    const file = write('a.c', text);
    await run('check', '--fix');
    expect(readFileSync(file, 'utf8')).toBe(text);
    await run('check', '--fix', '--unsafe-fixes');
    expect(readFileSync(file, 'utf8')).toContain('PyMem_Free(self->name)');
  });

  test('removes a comment that suppresses nothing', async () => {
    const file = write('a.c', 'int x; // pymem-lint: ignore[double-free] was needed once\n');
    expect((await run('check', '--fix')).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('int x; \n');
  });

  test('is refused where there is nothing to write to', async () => {
    await expect(run('check', '--fix', '-')).rejects.toThrow('standard input cannot be fixed');
    await expect(run('check', '--unsafe-fixes')).rejects.toThrow('goes with --fix');
  });
});

test('--diff prints a patch that git takes, and writes nothing', async () => {
  const file = write('a.c', BAD);
  const { status, output } = await run('check', '--diff');
  expect(status).toBe(1);
  expect(readFileSync(file, 'utf8')).toBe(BAD);
  execFileSync('git', ['apply', '-'], { cwd: folder, input: output });
  expect(readFileSync(file, 'utf8')).toBe(GOOD);
  expect(await run('check', '--diff')).toMatchObject({ status: 0, output: '' });
});

function utf16(text: string, big: boolean): Buffer {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return big ? bytes.swap16() : bytes;
}

function latin1(text: string): Buffer {
  const umlaut = text.replace(');\n}', '); /* \u00fc */\n}');
  return Buffer.from(`/* caf\u00e9 */ ${umlaut}`, 'latin1');
}

describe('encodings and line ends stay', () => {
  test.each<[string, (text: string) => Uint8Array]>([
    ['UTF-8', (text) => Buffer.from(`/* h\u00f6 \u{1F600} */ ${text}`)],
    ['UTF-8 with a mark', (text) => Buffer.from(`\uFEFF${text}`)],
    ['Windows line ends', (text) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['no line end at the end', (text) => Buffer.from(text.trimEnd())],
    ['Latin-1', latin1],
    ['UTF-16, little endian', (text) => utf16(text, false)],
    ['UTF-16, big endian', (text) => utf16(text, true)],
  ])('%s', async (_, encoded) => {
    const file = write('a.c', encoded(BAD));
    expect((await run('check', '--fix')).errors).toContain('Fixed 1 finding');
    expect(readFileSync(file).equals(encoded(GOOD))).toBe(true);
  });

  test('a change that cannot be brought to the bytes is not made', () => {
    const bytes = Buffer.from('x\u00e9 free(p)', 'latin1');
    const read = decode(bytes);
    const before = read.kind === 'text' ? read.text : '';
    expect(editBytes(bytes, before, before.replace('free', 'PyMem_Free'))).toBeNull();
  });

  test.each([
    'memory-leak',
    'use-after-free',
    'double-free',
    'interior-free',
    'resize-loses-block',
  ])('a fix of several lines, for %s', async (id) => {
    const bad = RULES.find((rule) => rule.id === id)?.bad[0] ?? '';
    const unix = write('unix.c', bad);
    const windows = write('windows.c', bad.replaceAll('\n', '\r\n'));
    // oxlint-disable-next-line no-await-in-loop -- alone: they are no program together
    for (const file of ['unix.c', 'windows.c']) await run('check', '--fix', '--unsafe-fixes', file);
    const fixed = readFileSync(unix, 'utf8');
    expect(fixed).not.toBe(bad);
    expect(readFileSync(windows, 'utf8')).toBe(fixed.replaceAll('\n', '\r\n'));
  });

  test('edits take the line ends of the text', () => {
    const at = { file: 'a.c', line: 2, column: 1, endLine: 2, endColumn: 2 };
    for (const newText of ['x\ny', 'x\r\ny'])
      expect(editText('a\r\nb\r\n', [{ at, newText }])).toBe('a\r\nx\r\ny\r\n');
  });
});

describe('after every fix', () => {
  needsPythonHeaders().test('a bad example compiles and is clean', async () => {
    const examples = RULES.flatMap(({ id, bad }) =>
      bad.map((text, index) => ({ id, file: `${id}-${index}.c`, text })),
    );
    // Alone in their folders: they are no program together.
    const unfixed: string[] = [];
    for (const { id, file, text } of examples) {
      const written = write(file, text);
      const check = ['check', '--select', `default,${id}`, '--unsafe-fixes', file];
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { status } = await run(...check, '--fix');
      if (status !== 0) unfixed.push(id);
      const after = readFileSync(written, 'utf8');
      expect(compileErrors(after, file), file).toEqual([]);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const again = await run(...check, '--diff');
      expect(again.output, file).toBe('');
    }
    // Each of these rules says why.
    expect(unfixed).toEqual(RULES.filter(({ noFix }) => noFix !== undefined).map(({ id }) => id));
  });

  needsPythonHeaders().test('and the example extension', async () => {
    cpSync(path.join(ROOT, 'examples/wordbag/defective'), folder, { recursive: true });
    const before = await run('check', '--output-format', 'json');
    expect(fixable(before.output)).toBeGreaterThan(4);
    const { output } = await run('check', '--fix', '--unsafe-fixes', '--output-format', 'json');
    expect(fixable(output)).toBe(0);
    const text = readFileSync(path.join(folder, 'wordbag.c'), 'utf8');
    expect(compileErrors(text)).toEqual([]);
  });
});
