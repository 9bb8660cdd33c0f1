// `pymem-lint step` and `check --steps` by hand: what one run finds, and what is said of files that no step has made.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { realProgram } from './real-program.ts';

const FILES = {
  'take.c': '#include <Python.h>\nchar *take(void) { return PyMem_Malloc(8); }\n',
  'use.c': '#include <stdlib.h>\nchar *take(void);\nvoid use(void) { free(take()); }\n',
};

let made = '';
/** A copy of what the steps have made. */
let folder = '';
beforeAll(async () => {
  made = folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-step-'));
  for (const [name, text] of Object.entries(FILES)) write(name, text);
  for (const name of Object.keys(FILES)) await run('step', 'index', name, '-o', `${name}.idx`);
  await run('step', 'link', '--beside', 'take.c.idx', 'use.c.idx');
  for (const name of Object.keys(FILES)) {
    await run('step', 'check', `${name}.plan`, '-o', `${name}.report`);
  }
  write('made', ['take.c.idx', 'use.c.idx', 'take.c.report', 'use.c.report'].join('\n'));
});
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-step-'));
  cpSync(made, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => rmSync(made, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(path.join(folder, name), text);
}

async function run(...args: readonly string[]): Promise<string> {
  return (await realProgram(folder, args)).output;
}

const CHECK = ['check', 'take.c', 'use.c', '--isolated', '--output-format', 'concise'];

test('the last step finds what one run finds', async () => {
  const found = await run(...CHECK);
  expect(found).toMatch(/^use\.c:3:18: error: .*\[mismatched-free\]\n$/);
  expect(await run(...CHECK, '--steps', 'made')).toBe(found);
});

test.each([
  ['take.c.idx', ['step', 'link', 'take.c.idx'], "'take.c.idx' is no index: write it with step"],
  ['take.c.idx', [...CHECK, '--steps', 'made'], "'take.c.idx' is no index: write it with step"],
  ['use.c.plan', ['step', 'check', 'use.c.plan', '-o', 'x'], "'use.c.plan' is no plan: write it"],
  ['use.c.report', [...CHECK, '--steps', 'made'], "a report in 'made' cannot be used: run step"],
])('a %s that is cut off is told by %j', async (file, args, message) => {
  write(file, '{"index": 1, ');
  await expect(run(...args)).rejects.toThrow(message);
});

test('a plan is not used with another index than its own', async () => {
  write('take.c', FILES['take.c'].replace('PyMem_Malloc', 'malloc'));
  await run('step', 'index', 'take.c', '-o', 'take.c.idx');
  const checked = run('step', 'check', 'use.c.plan', '-o', 'use.c.report');
  await expect(checked).rejects.toThrow('run step link again');
});

test.each(['--watch', '--fix', '--diff'])('%s does not go with --steps', async (option) => {
  await expect(run(...CHECK, '--steps', 'made', option)).rejects.toThrow(`--steps uses what was`);
});
