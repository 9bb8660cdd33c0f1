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
    // Through one pipe, so that what is said comes in its order.
    const command = [process.execPath, path.join(ROOT, 'dist/cli.cjs'), 'check', ...options];
    const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', ...command, ...paths], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    /** What the last check has said; a change that is seen in two parts is checked twice. */
    const lastRound = (): string | undefined => said.split('Ctrl+C ends.\n').at(-2);
    try {
      await expect.poll(lastRound).toContain('a.c:2:43: error');
      writeFileSync(file, `\n${BAD}`);
      await expect.poll(lastRound).toContain('a.c:3:43: error');
      // As many editors save.
      writeFileSync(path.join(folder, '.a.c~'), BAD);
      renameSync(path.join(folder, '.a.c~'), file);
      await expect.poll(lastRound).toContain('a.c:2:43: error');
      writeFileSync(file, BAD.replace(' free(', ' PyMem_Free('));
      await expect.poll(lastRound).not.toContain('error');
      writeFileSync(path.join(folder, 'pymem-lint.toml'), 'selct = []\n');
      await expect.poll(() => said).toContain("unknown key 'selct'");
      writeFileSync(file, BAD);
      rmSync(path.join(folder, 'pymem-lint.toml'));
      await expect.poll(lastRound).toContain('a.c:2:43: error');
    } finally {
      child.kill();
    }
  },
);

test('is refused where nothing can be watched, and with --fix', async () => {
  await expect(realProgram(folder, ['check', '--watch', '-'])).rejects.toThrow('cannot be watched');
  await expect(realProgram(folder, ['check', '--watch', '--fix'])).rejects.toThrow('leave --fix');
  const long = 'x'.repeat(300);
  await expect(realProgram(folder, ['check', '--watch', long])).rejects.toThrow(
    'cannot be watched: name files and folders',
  );
  writeFileSync(path.join(folder, 'a.c'), BAD);
  await expect(realProgram(folder, ['check', '--watch', '*.c'])).rejects.toThrow(
    'cannot be watched',
  );
});
