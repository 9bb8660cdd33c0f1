// The bundled server as editors start it, over stdio: dist/server.cjs with the wasm parser beside it, and
// `pymem-lint server`.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltServer, type ServerProcess } from './built-server.ts';
import { PULL } from './test-client.ts';

const URI = 'file:///w/a.c';
const MIXED = '#include <Python.h>\nvoid f(void) {\n  char *p = PyMem_Malloc(8);\n  free(p);\n}\n';
let built: BuiltServer;

beforeAll(() => {
  built = new BuiltServer();
});
afterAll(() => built.remove());

function start(bundle: string, ...args: readonly string[]): ServerProcess {
  return built.start(bundle, ...args);
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
  await client.open(URI, MIXED);
  expect(await client.items(URI)).toMatchObject([
    { code: 'mismatched-free', range: { start: { line: 3 } } },
  ]);
  expect(client.logs).toEqual([]);
  await client.shutdown();
  expect(await exit).toBe(0);
  expect(stderr()).toBe('');
});

test('a check that outlasts this test holds up nothing, and an edit ends it', async () => {
  const { client, exit } = start('server.cjs', '--stdio');
  await client.initialize();
  const busy = Array.from(
    { length: 60_000 },
    (_, index) => `
void f${index}(int n) {
  char *a = malloc(n), *b = PyMem_Malloc(n);
  for (int i = 0; i < n; i++) { if (i == 3) { free(a); a = NULL; } else if (b) { b[i] = 0; } }
  free(a); PyMem_Free(b);
}`,
  );
  await client.open(URI, busy.join('\n'));
  const long = client.pull(URI).then(
    () => 'answered',
    () => 'superseded',
  );
  const position = { line: 3, character: 3 };
  const hover = { textDocument: { uri: URI }, position };
  expect(await client.connection.sendRequest('textDocument/hover', hover)).toBeNull();
  await client.change(URI, { text: MIXED });
  expect(await client.items(URI)).toHaveLength(1);
  expect(await long).toBe('superseded');
  await client.shutdown();
  expect(await exit).toBe(0);
}, 60_000);

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

test('without its worker the server checks in its own thread, and says so', async () => {
  rmSync(path.join(built.dist, 'check-worker.cjs'));
  const { client, exit } = start('server.cjs', '--stdio');
  await client.initialize();
  await client.open(URI, MIXED);
  expect(await client.items(URI)).toHaveLength(1);
  expect(client.logs).toEqual([expect.stringContaining('check-worker.cjs')]);
  await client.shutdown();
  expect(await exit).toBe(0);
});
