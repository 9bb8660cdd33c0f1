// Odd things that users type, through the built command line: standard input, links that lead nowhere, empty
// options, places that are none, files outside the folder.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, cli, type CliResult } from './built-cli.ts';

const MIXED = 'void f(void) {\n  char *p = malloc(1);\n  DROP(p);\n}\n';
/** A field that two functions disagree about: likely, not definite. */
const FIELD = `typedef struct { char *data; } Box;
void init(Box *b) { b->data = malloc(8); }
void end(Box *b) { PyMem_Free(b->data); }
`;

let folder = '';
let outside = '';

beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-edges-'));
  outside = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-outside-'));
  mkdirSync(path.join(folder, 'src'));
  writeFileSync(path.join(folder, 'src', 'drop.h'), '#define DROP(p) PyMem_Free(p)\n');
  writeFileSync(path.join(folder, 'src', 'field.c'), FIELD);
  writeFileSync(path.join(outside, 'far off.c'), FIELD);
  symlinkSync(path.join(folder, 'gone.c'), path.join(folder, 'src', 'broken.c'));
});
afterAll(() => {
  for (const each of [folder, outside]) rmSync(each, { recursive: true, force: true });
});

function run(args: readonly string[], input = ''): CliResult {
  return cli(args, { cwd: folder, input });
}

describe('standard input', () => {
  test('is checked under the name it is given, with the headers beside that', () => {
    const text = `#include "drop.h"\n${MIXED}`;
    const args = ['check', '-', '--stdin-filename', 'src/new.c', '--format', 'concise'];
    expect(run(args, text)).toEqual({
      status: 1,
      stderr: '',
      stdout: expect.stringMatching(/^src\/new\.c:4:3: error: .+ \[mismatched-free\]\n$/),
    });
  });

  test('has no name where it is not read', () => {
    expect(run(['check', 'src', '--stdin-filename', 'src/new.c'])).toMatchObject({
      status: 2,
      stderr: 'pymem-lint: error: --stdin-filename is what - is called: add it to the paths.\n',
    });
  });

  test('takes the place of the file of that name', () => {
    const args = ['check', 'src', '-', '--stdin-filename', 'src/field.c', '--format', 'concise'];
    expect(run(args, 'int x;\n')).toMatchObject({ status: 0, stdout: '' });
  });

  test('has a name of its own, and may be no text', () => {
    const args = ['check', '-', '--format', 'concise'];
    const { stdout } = run(args, `#define DROP(p) PyMem_Free(p)\n${MIXED}`);
    expect(stdout).toMatch(/^stdin\.c:4:3: error: /);
    expect(run(args, '\u0001'.repeat(600)).stderr).toContain('stdin.c: skipped, not text.');
  });
});

describe('a link that leads nowhere', () => {
  test('is told of in a folder', () => {
    const { stderr } = run(['check', 'src']);
    expect(stderr).toContain('note: src/broken.c: skipped, a link that leads nowhere.\n');
  });

  test('is a mistake when it is named', () => {
    expect(run(['check', 'src/broken.c'])).toEqual({
      status: 2,
      stdout: '',
      stderr: "pymem-lint: error: 'src/broken.c' is a link that leads nowhere.\n",
    });
  });
});

test.each([[['check', 'src', '--select', '']], [['check', 'src', '--ignore', 'double-free,']]])(
  '%j is a mistake',
  (args) => {
    const { status, stdout, stderr } = run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('It must have something between the commas.');
  },
);

test('a place that no file can have is a mistake', () => {
  const { status, stderr } = run(['replay', `${'x'.repeat(300)}:3`]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^pymem-lint: error: 'x{300}' does not exist\.\n$/);
});

test('a place that is no line is a mistake', () => {
  expect(run(['replay', 'src/field.c:abc'])).toEqual({
    status: 2,
    stdout: '',
    stderr: "pymem-lint: error: 'src/field.c:abc': 'abc' is not a line number.\n",
  });
});

describe('what is not definite says so', () => {
  test('in one line', () => {
    const { stdout } = run(['check', 'src/field.c', '--format', 'concise']);
    expect(stdout).toMatch(/ \(likely\) \[mismatched-free\]\n$/);
  });

  test('in a replay', () => {
    const [first = ''] = run(['replay', 'src/field.c:3']).stdout.split('\n');
    expect(first).toMatch(/^error\[mismatched-free\]: .* \(likely\)$/);
  });
});

test('a file outside the folder has an absolute URI in SARIF, and no base', () => {
  const file = path.join(outside, 'far off.c');
  const { runs } = JSON.parse(run(['check', file, '--format', 'sarif']).stdout);
  const [{ locations, codeFlows }] = runs[0].results;
  const uri = pathToFileURL(file).href;
  expect(uri).toContain('far%20off.c');
  expect(locations[0].physicalLocation.artifactLocation).toEqual({ uri });
  for (const { location } of codeFlows[0].threadFlows[0].locations)
    expect(location.physicalLocation.artifactLocation).toEqual({ uri });
});

test('the page of a rule shows which line is reported, not what the tests read', () => {
  const { stdout } = run(['rule', 'double-free']);
  expect(stdout).not.toContain('expect:');
  expect(stdout).toMatch(/\); {2}\/\/ reported\n/);
});

test('JSON names what was left out', () => {
  writeFileSync(path.join(folder, 'binary.c'), Buffer.alloc(600, 1));
  const { stats } = JSON.parse(run(['check', 'binary.c', '--format', 'json']).stdout);
  expect(stats.skipped).toEqual([{ file: 'binary.c', function: null, reason: 'not text' }]);
});
