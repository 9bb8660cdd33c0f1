// `pymem-lint mcp` as an assistant starts it: the built command line over stdio, asked by the SDK's own client.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, cli, ROOT } from '../cli/built-cli.ts';

const MIXED = `#include <Python.h>
void f(void) {
  char *p = PyMem_Malloc(8);
  if (p == NULL) return;
  free(p);
}
`;
const client = new Client({ name: 'a test', version: '1' });
let stderr = '';
let root = '';

beforeAll(async () => {
  buildCli();
  root = mkdtempSync(path.join(tmpdir(), 'pymem-lint-mcp-'));
  const folder = path.join(root, 'project');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'mixed.c'), MIXED);
  writeFileSync(path.join(root, 'secret.c'), MIXED);
  writeFileSync(path.join(root, 'secret.h'), '#define SECRET_FREE(p) free(p)\n');
  symlinkSync(path.join(root, 'secret.c'), path.join(folder, 'link.c'));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [path.join(ROOT, 'dist', 'cli.cjs'), 'mcp'],
    cwd: folder,
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await client.connect(transport);
});
afterAll(async () => {
  await client.close();
  rmSync(root, { recursive: true, force: true });
});

interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly data: unknown;
}

async function call(name: string, args: Record<string, unknown>): Promise<Answer> {
  const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
  const [first] = Array.isArray(content) ? content : [];
  return { isError: isError === true, text: String(first?.text), data: structuredContent };
}

async function verify(after: string): Promise<unknown> {
  return (await call('verify_fix', { file: 'mixed.c', line: 5, after })).data;
}

test('offers four tools that only read', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['check', 'explain', 'replay', 'verify_fix']);
  for (const tool of tools) {
    expect(tool.annotations?.readOnlyHint).toBe(true);
    expect(tool.inputSchema.additionalProperties).toBe(false);
  }
  expect(client.getInstructions()).toContain('CPython');
});

test('check finds what a file, or a text, holds; a link out of the folder is not followed', async () => {
  const finding = { rule: 'mismatched-free', line: 5, fixes: [{}, {}] };
  const files = await call('check', {});
  expect(files.data).toMatchObject({ total: 1, findings: [{ ...finding, file: 'mixed.c' }] });
  expect(JSON.parse(files.text)).toEqual(files.data);
  const named = await call('check', { text: MIXED, file: 'src/new.c' });
  expect(named.data).toMatchObject({ findings: [{ ...finding, file: 'src/new.c' }] });
  const clean = await call('check', { text: 'int f(void) { return 1; }' });
  expect(clean.data).toMatchObject({ total: 0, findings: [] });
});

test('explain gives the page of a rule, and a finding with its source', async () => {
  const rule = await call('explain', { rule: 'double-free' });
  expect(rule.text).toContain('## Instead');
  const finding = await call('explain', { file: 'mixed.c', line: 5 });
  expect(finding.data).toMatchObject({
    rule: 'mismatched-free',
    steps: [
      { place: 'mixed.c:3:13', source: 'char *p = PyMem_Malloc(8);' },
      { place: 'mixed.c:4:7', message: 'p == NULL is false' },
      { place: 'mixed.c:5:3', source: 'free(p);' },
    ],
  });
});

test('replay tells the verdict and the text of the crash, labeled as simulated', async () => {
  const { data } = await call('replay', { file: 'mixed.c', line: 5 });
  expect(data).toMatchObject({
    simulated: true,
    model: expect.stringMatching(/^simulated/),
    replays: [
      { model: expect.stringMatching(/^simulated/), crash: { signal: 'SIGABRT' } },
      { crash: { text: expect.stringMatching(/^simulated: /) } },
    ],
  });
  const old = await call('replay', { file: 'mixed.c', python: '3.8', build: 'malloc' });
  expect(old.data).toMatchObject({ replays: [{ verdict: 'silent', crash: null }] });
});

describe('verify_fix', () => {
  test('a repair, as offered or by another function of the family, replays clean', async () => {
    for (const after of [
      MIXED.replace('free(p)', 'PyMem_Free(p)'),
      MIXED.replace('PyMem_Malloc', 'malloc'),
      MIXED.replace('PyMem_Malloc', 'PyObject_Malloc').replace('free(p)', 'PyObject_Free(p)'),
    ]) {
      expect(await verify(after)).toMatchObject({
        fixed: true,
        gone: true,
        new: [],
        replay: { simulated: true, ends: 'clean' },
      });
    }
    expect(readFileSync(path.join(root, 'project', 'mixed.c'), 'utf8')).toBe(MIXED);
  });

  test('another wrong release is no repair', async () => {
    const after = MIXED.replace('free(p)', 'PyObject_Free(p)');
    expect(await verify(after)).toMatchObject({ fixed: false, gone: false });
  });

  test('what makes another defect is no repair', async () => {
    const twice = MIXED.replace('free(p);', 'PyMem_Free(p); PyMem_Free(p);');
    expect(await verify(twice)).toMatchObject({ fixed: false, new: [{ rule: 'double-free' }] });
  });

  test('what no longer parses, or is hushed up, is no repair', async () => {
    expect(await verify(MIXED.replace('free(p);', 'free(p'))).toMatchObject({ fixed: false });
    const hushed = MIXED.replace('free(p);', 'free(p); // pymem-lint: ignore');
    expect(await verify(hushed)).toMatchObject({ fixed: false, gone: false });
  });

  test('where the path cannot be carried over, it says so', async () => {
    const rewritten = '#include <Python.h>\nvoid f(void) {\n  char p[8];\n  (void)p;\n}\n';
    for (const after of [rewritten, '']) {
      expect(await verify(after)).toMatchObject({
        fixed: false,
        verdict: 'gone, not proven',
        gone: true,
        replay: { ends: 'unknown' },
      });
    }
  });
});

test.each([
  ['check', { paths: ['..'] }, /not below the working folder/],
  ['check', { paths: ['/etc/passwd'] }, /not below the working folder/],
  ['check', { paths: ['link.c'] }, /not below the working folder/],
  ['check', { text: MIXED, file: '../secret.c' }, /not below the working folder/],
  ['check', { paths: ['mixd.c'] }, /does not exist.*mixed\.c/],
  ['check', { paths: ['../*.c'] }, /not below the working folder/],
  ['check', { paths: ['a\0b'] }, /not below the working folder/],
  ['check', { path: 'mixed.c' }, /There is no argument 'path'/],
  ['check', { paths: 'mixed.c' }, /'paths': must be a list/],
  ['check', { limit: 1e9 }, /'limit': must be at most 200/],
  ['check', { text: 'x'.repeat(1024 * 1024 + 1) }, /'text': must have at most/],
  ['explain', {}, /Give a 'rule'/],
  ['explain', { rule: 'doubel-free' }, /double-free/],
  ['replay', { file: 'none.c' }, /does not exist/],
  ['replay', { file: 'mixed.c', rule: 'double-free' }, /no finding of double-free/],
  ['replay', { file: 'mixed.c', python: '2.7' }, /'python': must be one of 3\.8/],
  ['verify_fix', { file: 'mixed.c' }, /'after'/],
  ['no_such_tool', {}, /There is no tool 'no_such_tool': there are check/],
])('a mistake is told: %s %j', async (name, args, message) => {
  const { isError, text } = await call(name, args);
  expect(text).toMatch(message);
  expect(isError).toBe(true);
});

test('a mistake in a configuration file is told, without options that only a command line has', async () => {
  const file = path.join(root, 'project', 'pymem-lint.toml');
  writeFileSync(file, 'selct = []\n');
  try {
    const { isError, text } = await call('check', {});
    expect(isError).toBe(true);
    expect(text).toMatch(/selct[^]*Mend it\.$/);
  } finally {
    rmSync(file);
  }
});

test('a header outside of the folder is not read', async () => {
  const text =
    '#include "../secret.h"\nvoid f(void) { char *p = PyMem_Malloc(8); SECRET_FREE(p); }\n';
  const { data } = await call('check', { text });
  expect(data).toMatchObject({ findings: [] });
});

test('nothing but answers is written; without a client the command ends', async () => {
  expect(stderr).toBe('');
  expect(cli(['mcp'])).toEqual({ status: 0, stdout: '', stderr: '' });
});
