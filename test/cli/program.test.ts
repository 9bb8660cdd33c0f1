// The command line as typed: commands, options, help and what is refused.
import { spawnSync } from 'node:child_process';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../server/cli/program.ts';
import { captured } from './captured-terminal.ts';
import { fakeProduct } from './fake-product.ts';

async function run(...args: readonly string[]) {
  const terminal = captured(import.meta.dirname);
  let served = 0;
  const program = createProgram({
    product: fakeProduct(),
    terminal,
    dist: '/nowhere',
    runServer: () => void served++,
  });
  const end = await program.run(args).catch((error: unknown) => error);
  return { end, output: terminal.output(), errors: terminal.errors(), served };
}

describe('help', () => {
  test('names every command, with examples and exit codes', async () => {
    const { end, output } = await run('--help');
    expect(end).toBeInstanceOf(CommanderError);
    expect(end).toMatchObject({ exitCode: 0 });
    for (const command of ['check', 'replay', 'rule', 'server', 'version']) {
      expect(output).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    }
    expect(output).toContain('Examples:');
    expect(output).toContain('0 clean, 1 findings, 2 usage');
  });

  test.each(['check', 'replay'])('of %s has examples', async (command) => {
    expect((await run(command, '--help')).output).toContain('Examples:');
  });
});

describe('refused', () => {
  test.each([
    [['chekc'], "unknown command 'chekc'"],
    [['check', '--formt', 'json'], "unknown option '--formt'"],
    [['check', '--format', 'xml'], 'Allowed choices are full, concise, grouped'],
    [['check', '--min-confidence', 'sure'], 'Allowed choices are definite, likely, possible'],
    [['check', '--parser', 'clang'], 'Allowed choices are native, wasm, auto'],
    [['replay'], 'missing required argument'],
    [['replay', 'a.c', '--step', '-1'], 'It must be a whole number.'],
    [['replay', 'a.c', '--target', 'fast'], 'Allowed choices are release, debug'],
  ])('%j', async (args, message) => {
    const { end, errors } = await run(...args);
    expect(end).toMatchObject({ exitCode: 1, name: 'CommanderError' });
    expect(errors).toContain(message);
  });

  test('a mistyped command has a suggestion', async () => {
    expect((await run('chekc')).errors).toContain('Did you mean check?');
  });

  test('a mistyped option has a suggestion', async () => {
    expect((await run('check', '--formt', 'json')).errors).toContain('Did you mean --format?');
  });

  test.each([
    [['--output', 'json=x', '--output', 'sarif=x'], "two formats cannot both go to 'x'"],
    [['--format', 'json', '--format', 'sarif'], 'cannot both go to standard output'],
    [['--output-file', 'x', '--output-file', 'y'], 'given more often than --output-format'],
  ])('outputs that do not go together: %j', async (args, message) => {
    const { end } = await run('check', ...args);
    expect(end).toMatchObject({ message: expect.stringContaining(message) });
  });

  test('a server without a transport', async () => {
    const { end, served } = await run('server');
    expect(end).toMatchObject({ message: 'the server needs --stdio.' });
    expect(served).toBe(0);
  });
});

test.each([
  ['--why', 'a.c:1', '--no-generated'],
  ['--why', 'a.c:1', '--output-file=x'],
  ['--why', 'a.c:1', '--stats'],
  ['--why', 'a.c:1', '--quiet'],
  ['--show-files', '.', '--fix'],
  ['--show-files', '.', '--show-settings'],
  ['--show-settings', '.', '--watch'],
])('%s %s with %s, of which it has no use, is refused', async (way, place, option) => {
  const { end } = await run('check', way, place, option);
  expect(end).toMatchObject({ message: `${way} has no use for ${option.split('=')[0]}.` });
});

test('a key of the configuration is explained, and a mistyped one suggested', async () => {
  expect((await run('config', 'overrides')).output).toContain('paths');
  expect((await run('config', 'ovrrides')).end).toMatchObject({
    message: "there is no key 'ovrrides'. Did you mean 'overrides'?",
  });
  expect(JSON.parse((await run('config', '--schema')).output)).toMatchObject({ type: 'object' });
});

describe('completion', () => {
  test('of bash completes commands, options and their values', async () => {
    const { output } = await run('completion', 'bash');
    const complete = (...words: readonly string[]): string[] => {
      const script = `${output}\nCOMP_WORDS=(${words.join(' ')})\nCOMP_CWORD=$((\${#COMP_WORDS[@]}-1))\n_pymem_lint\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
      expect(stderr).toBe('');
      return stdout.trim().split('\n');
    };
    expect(complete('pymem-lint', 'ch')).toEqual(['check']);
    expect(complete('pymem-lint', 'check', '--fail')).toEqual(['--fail-on', '--fail-on-stale']);
    expect(complete('pymem-lint', 'check', '--fail-on', 'w')).toEqual(['warning']);
    expect(complete('pymem-lint', 'completion', 'fi')).toEqual(['fish']);
  });

  test.each(['zsh', 'fish'])('of %s names every command', async (shell) => {
    const { output } = await run('completion', shell);
    for (const name of ['check', 'baseline', 'replay', 'rule', 'config']) {
      expect(output).toContain(name);
    }
    expect((await run('completion', 'csh')).errors).toContain('bash, zsh, fish');
  });
});

describe('accepted', () => {
  test('the server, with what editors add', async () => {
    const { end, served } = await run('server', '--stdio', '--clientProcessId=7');
    expect({ end, served }).toEqual({ end: 0, served: 1 });
  });

  test('the version, as a command and as an option', async () => {
    expect(await run('version')).toMatchObject({ end: 0, output: '1.2.3\n' });
    expect(await run('--version')).toMatchObject({ output: '1.2.3\n' });
  });

  test('lists of rules, separated or repeated', async () => {
    const { errors, end } = await run('check', '--ignore', 'a,double-free', '--ignore', 'b');
    expect(errors).toBe('');
    expect(end).toMatchObject({
      message: expect.stringMatching(/^there is no rule 'a'\. There are .*double-free/),
    });
  });

  test('a rule', async () => {
    expect(await run('rule', 'double-free')).toMatchObject({ end: 0 });
    expect((await run('rule')).output).toContain('mismatched-free');
  });
});
