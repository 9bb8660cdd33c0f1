// Results on disk: the same as a check gives, forgotten with any change, whole whenever the process is killed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_STATS } from '../../server/check.ts';
import { ResultCache } from '../../server/cli/result-cache.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { buildCli, cli, ROOT } from './built-cli.ts';
import { FINDING } from './sample-report.ts';

let folder = '';
beforeAll(() => buildCli());
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const BAD =
  '#include <Python.h>\nvoid f(void) {\n    char *p = PyMem_Malloc(8);\n    free(p);\n}\n';

/** So much text that what was explored of it is kept. */
const LARGE = `${BAD.replace('f(void)', 'g(void)')}/*${' '.repeat(250_000)}*/\n`;

/** 1 when it ended by itself. */
function killedAfter(milliseconds: number, words: readonly string[]): Promise<0 | 1> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(ROOT, 'dist/cli.cjs'), ...words], {
      cwd: folder,
      stdio: 'ignore',
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.on('exit', (_code, signal) => {
      clearTimeout(timer);
      resolve(signal === null ? 1 : 0);
    });
  });
}

describe('an entry', () => {
  const files = [{ file: 'a.c', text: BAD }];
  const input = { files, settings: DEFAULT_SETTINGS };
  const result = { findings: [FINDING], skipped: [], stats: NO_STATS };

  test('is found again for the same input alone', () => {
    const cache = new ResultCache(folder, 'one');
    expect(cache.read(input)).toBeNull();
    cache.write(input, result);
    expect(cache.read(input)).toEqual(result);
    expect(cache.read({ ...input, files: [{ file: 'b.c', text: BAD }] })).toBeNull();
    expect(cache.read({ ...input, files: [{ file: 'a.c', text: `${BAD} ` }] })).toBeNull();
    expect(cache.read({ ...input, files: [...files, { file: 'b.c', text: '' }] })).toBeNull();
    expect(cache.read({ ...input, settings: { ...DEFAULT_SETTINGS, ignore: ['x'] } })).toBeNull();
    expect(new ResultCache(folder, 'two').read(input)).toBeNull();
  });

  test('that is damaged is no entry', () => {
    const cache = new ResultCache(folder, 'one');
    cache.write(input, result);
    const [name = ''] = readdirSync(folder);
    const file = path.join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
    expect(cache.read(input)).toBeNull();
    writeFileSync(file, '[]');
    expect(cache.read(input)).toBeNull();
  });

  test('goes when there are many newer ones; a folder that cannot be is no error', () => {
    const cache = new ResultCache(folder, 'one');
    for (let i = 0; i < 80; i++)
      cache.write({ ...input, files: [{ file: `${i}`, text: '' }] }, result);
    expect(readdirSync(folder)).toHaveLength(64);
    const nowhere = new ResultCache('/dev/null/x', 'one');
    nowhere.write(input, result);
    expect(nowhere.read(input)).toBeNull();
  });
});

describe('the built program', () => {
  const args = ['check', 'a.c', '--output-format', 'concise', '--cache-dir', 'cache'];

  test('says the same from the cache, and --no-cache keeps nothing', () => {
    writeFileSync(path.join(folder, 'a.c'), BAD);
    cli(['check', '--no-cache'], { cwd: folder, env: { XDG_CACHE_HOME: folder } });
    expect(readdirSync(folder)).toEqual(['a.c']);
    const first = cli(args, { cwd: folder });
    expect(readdirSync(path.join(folder, 'cache'))).toHaveLength(1);
    expect(cli(args, { cwd: folder })).toEqual(first);
    expect(first).toMatchObject({ status: 1, stderr: '' });
    writeFileSync(path.join(folder, 'a.c'), BAD.replace('free(', 'PyMem_Free('));
    expect(cli(args, { cwd: folder }).status).toBe(0);
  });

  test('explores only what an edit changed, where there is much to explore', () => {
    const write = (name: string, text: string): void =>
      writeFileSync(path.join(folder, name), text);
    write('big.c', LARGE);
    write('a.c', BAD);
    const check = ['check', '--output-format', 'json', '--cache-dir', 'cache'];
    const reports = (): readonly string[] => readdirSync(path.join(folder, 'cache/reports'));
    cli(check, { cwd: folder });
    const before = reports();
    expect(before).toHaveLength(2);
    write('a.c', `\n${BAD}`);
    const edited = cli(check, { cwd: folder });
    expect(reports()).toHaveLength(3);
    expect(reports()).toEqual(expect.arrayContaining([...before]));
    expect(edited).toEqual(cli([...check.slice(0, 3), '--no-cache'], { cwd: folder }));
  });

  /** `PYMEM_LINT_KILLS=200` for a long trial. */
  const kills = Number(process.env['PYMEM_LINT_KILLS'] ?? 12);

  test(`killed ${kills} times it leaves whole files`, async () => {
    const file = path.join(folder, 'a.c');
    const fixed = BAD.replace('free(', 'PyMem_Free(');
    let ends = 0;
    writeFileSync(path.join(folder, 'big.c'), LARGE);
    for (let i = 0; i < kills; i++) {
      writeFileSync(file, i % 2 === 0 ? BAD : `${BAD}/* ${i} */\n`);
      const json = path.join(folder, 'out.json');
      const more = i % 3 === 0 ? ['--fix'] : [];
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      ends += await killedAfter(120 + ((i * 37) % 240), [
        ...args,
        'big.c',
        '--output',
        'json=out.json',
        ...more,
      ]);
      const text = readFileSync(file, 'utf8');
      const kept = path.join(folder, 'cache/reports');
      for (const name of existsSync(kept) ? readdirSync(kept) : []) {
        if (!name.endsWith('.txt')) continue;
        const [hash, ...rest] = readFileSync(path.join(kept, name), 'utf8').split('\n');
        expect(createHash('sha256').update(rest.join('\n')).digest('hex')).toBe(hash);
      }
      expect([BAD, fixed, `${BAD}/* ${i} */\n`, `${fixed}/* ${i} */\n`]).toContain(text);
      if (existsSync(json)) JSON.parse(readFileSync(json, 'utf8'));
      const cache = path.join(folder, 'cache');
      const entries = existsSync(cache) ? readdirSync(cache) : [];
      for (const name of entries.filter((entry) => entry.endsWith('.json'))) {
        JSON.parse(readFileSync(path.join(cache, name), 'utf8'));
      }
    }
    expect(ends).toBeLessThan(kills);
  });
});
