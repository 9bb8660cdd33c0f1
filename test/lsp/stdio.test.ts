// The bundled server as editors start it, over stdio: dist/server.cjs with the wasm parser beside it, and
// `pymem-lint server`.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PULL, TestClient } from './test-client.ts';

const URI = 'file:///w/a.c';
let root = '';
let dist = '';

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'pymem-lint-stdio-'));
  dist = path.join(root, 'dist');
  cpSync('package.json', path.join(root, 'package.json'));
  execFileSync(process.execPath, ['scripts/build.mjs', '--outdir', dist]);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Process {
  readonly client: TestClient;
  readonly child: ChildProcessWithoutNullStreams;
  readonly stderr: () => string;
  readonly exit: Promise<number | null>;
}

function start(bundle: string, ...args: readonly string[]): Process {
  const child = spawn(process.execPath, [path.join(dist, bundle), ...args]);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { client: new TestClient(child.stdout, child.stdin), child, stderr: () => stderr, exit };
}

test.each([
  ['server.cjs', '--stdio'],
  ['server.cjs'],
  ['cli.cjs', 'server', '--stdio'],
  ['cli.cjs', 'server', '--stdio', `--clientProcessId=${process.pid}`],
])('serves over stdio: %s %s %s', async (bundle, ...args) => {
  const { client, stderr, exit } = start(bundle, ...args);
  const { serverInfo } = await client.initialize();
  expect(serverInfo?.name).toBe('pymem-lint');
  const mixed = [
    '#include <Python.h>',
    'void f(void) {',
    '  char *p = PyMem_Malloc(8);',
    '  free(p);',
    '}',
  ];
  await client.open(URI, mixed.join('\n'));
  expect(await client.items(URI)).toMatchObject([
    { code: 'mismatched-free', range: { start: { line: 3 } } },
  ]);
  expect(client.logs).toEqual([]);
  await client.shutdown();
  expect(await exit).toBe(0);
  expect(stderr()).toBe('');
});

test('a client that vanishes ends the server', async () => {
  const { client, child, exit } = start('server.cjs', '--stdio');
  await client.initialize({ capabilities: PULL });
  child.stdin.end();
  expect(await exit).toBe(1);
});

test('bytes that are no messages do not end the server; the end of them does', async () => {
  const { child, stderr, exit } = start('server.cjs', '--stdio');
  child.stdin.write('Content-Length: 7\r\n\r\n{"a":}}Content-Length: x\r\n\r\n');
  child.stdin.write(Buffer.from([0xff, 0xfe, 0x00, 0xd8]));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(child.exitCode).toBeNull();
  child.stdin.end();
  expect(await exit).toBe(1);
  expect(stderr()).not.toMatch(/\bat .*server\.cjs/);
});
