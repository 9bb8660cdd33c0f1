// The built command line as a process: exit codes, streams, colors, pipes.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../needs.ts';
import { buildCli, cli, ROOT } from './built-cli.ts';

let folder = '';

beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-built-'));
  writeFileSync(path.join(folder, 'clean.c'), 'int x;\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function checkClean(format: string) {
  return cli(['check', 'clean.c', '--format', format], { cwd: folder });
}

/** What standard error says to a wrong rule name. */
function refusal(env: Record<string, string>): string {
  return cli(['rule', 'no-such-rule'], { env }).stderr;
}

describe('exit codes and streams', () => {
  test('help and version are results', () => {
    const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    expect(cli(['--version'])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
    expect(cli(['check', '--help'])).toMatchObject({ status: 0, stderr: '' });
  });

  test('no command is a mistake, and shows the help', () => {
    const { status, stdout, stderr } = cli([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Usage: pymem-lint');
  });

  test.each([
    [['check', '--format', 'xml']],
    [['rule', 'no-such-rule']],
    [['replay', 'clean.c']],
    [['replay', 'missing.c:3']],
    [['server']],
  ])('%j is a mistake', (args) => {
    const { status, stdout, stderr } = cli(args, { cwd: folder });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/error: /);
    expect(stderr).not.toContain('internal');
  });

  test('a clean file is clean in every format', () => {
    expect(checkClean('text')).toEqual({
      status: 0,
      stdout: 'No findings in 1 file.\n',
      stderr: '',
    });
    expect(checkClean('concise')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(JSON.parse(checkClean('json').stdout).findings).toEqual([]);
    expect(JSON.parse(checkClean('sarif').stdout).runs[0].results).toEqual([]);
  });

  test.each(['native', 'wasm', 'auto'])('the %s parser loads', (parser) => {
    const args = ['check', 'clean.c', '--parser', parser];
    expect(cli(args, { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
  });
});

test('colors follow the environment', () => {
  expect(refusal({})).not.toContain('\u001B[');
  expect(refusal({ FORCE_COLOR: '1' })).toContain('\u001B[');
  expect(refusal({ FORCE_COLOR: '1', NO_COLOR: '1' })).toContain('\u001B[');
  expect(refusal({ NO_COLOR: '1' })).not.toContain('\u001B[');
});

test('a reader that stops early is no error', () => {
  for (let index = 0; index < 3000; index++) {
    writeFileSync(path.join(folder, `binary-${index}.c`), Buffer.alloc(64, 1));
  }
  const command =
    '"$0" "$1" check --format json "$2" 2>/dev/null | head -c 10; echo "${PIPESTATUS[0]}"';
  const args = [process.execPath, path.join(ROOT, 'dist', 'cli.cjs'), folder];
  const output = execFileSync('bash', ['-c', command, ...args], { encoding: 'utf8' });
  expect(output).toMatch(/^\{\n {2}"findi0\n$/);
});

needs('/dev/full', existsSync('/dev/full')).test('a full disk is an error of one line', () => {
  const command = '"$0" "$1" rule --all > /dev/full; echo "$?"';
  const args = [process.execPath, path.join(ROOT, 'dist', 'cli.cjs')];
  const { stdout, stderr } = spawnSync('bash', ['-c', command, ...args], { encoding: 'utf8' });
  expect(stdout).toBe('2\n');
  expect(stderr).toMatch(/^pymem-lint: error: cannot write the output: .*ENOSPC.*\n$/);
});
