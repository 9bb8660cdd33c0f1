// `check --watch`: checks again after a change of a C or a configuration file, and survives mistakes.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildCli, ROOT } from './built-cli.ts';
import { realProgram } from './real-program.ts';

let folder = '';
beforeAll(() => buildCli());
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const BAD = '#include <Python.h>\nvoid f(void) { char *p = PyMem_Malloc(8); free(p); }\n';

test.each([{ paths: [] }, { paths: ['a.c'] }])(
  'tells what is found after each change, $paths',
  async ({ paths }) => {
    const file = path.join(folder, 'a.c');
    writeFileSync(file, BAD);
    const options = ['--watch', '--no-cache', '--output-format', 'concise'];
    const child = spawn(
      process.execPath,
      [path.join(ROOT, 'dist/cli.cjs'), 'check', ...options, ...paths],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    /** What is said from one change to the end of its check. */
    const round = async (): Promise<string> => {
      await expect.poll(() => said, { timeout: 20_000 }).toContain('Watching for changes');
      const text = said;
      said = '';
      return text;
    };
    try {
      expect(await round()).toContain('a.c:2:43: error');
      // The first check tells that it watches before the watcher is there.
      await new Promise((resolve) => setTimeout(resolve, 300));
      writeFileSync(file, `\n${BAD}`);
      expect(await round()).toContain('a.c:3:43: error');
      // As many editors save.
      writeFileSync(path.join(folder, '.a.c~'), BAD);
      renameSync(path.join(folder, '.a.c~'), file);
      expect(await round()).toContain('a.c:2:43: error');
      writeFileSync(file, BAD.replace(' free(', ' PyMem_Free('));
      expect(await round()).not.toContain('error');
      writeFileSync(path.join(folder, 'pymem-lint.toml'), 'selct = []\n');
      await expect.poll(() => said, { timeout: 20_000 }).toContain("unknown key 'selct'");
      said = '';
      writeFileSync(file, BAD);
      rmSync(path.join(folder, 'pymem-lint.toml'));
      expect(await round()).toContain('a.c:2:43: error');
    } finally {
      child.kill();
    }
  },
);

test('is refused where nothing can be watched, and with --fix', async () => {
  await expect(realProgram(folder, ['check', '--watch', '-'])).rejects.toThrow('cannot be watched');
  await expect(realProgram(folder, ['check', '--watch', '--fix'])).rejects.toThrow('leave --fix');
  writeFileSync(path.join(folder, 'a.c'), BAD);
  await expect(realProgram(folder, ['check', '--watch', '*.c'])).rejects.toThrow(
    'cannot be watched',
  );
});
