// The configuration file of a project as the language server heeds it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FileChangeType } from 'vscode-languageserver';
import { nodeFiles } from '../../server/lsp/node-files.ts';
import { BAD_C, fakeEngine } from './fake-engine.ts';
import { startInMemory, until } from './test-client.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-lsp-'));
  mkdirSync(path.join(folder, 'src'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('wins over the editor, follows its changes, and is told of when it is wrong', async () => {
  const config = path.join(folder, 'pymem-lint.toml');
  const uri = pathToFileURL(path.join(folder, 'src', 'a.c')).href;
  writeFileSync(config, 'ignore = ["mismatched-free"]\n');
  const { client } = startInMemory({ ...fakeEngine(), files: nodeFiles });
  await client.initialize({ initializationOptions: { settings: { ignore: [] } } });
  await client.open(uri, BAD_C);
  expect(await client.items(uri)).toEqual([]);

  writeFileSync(config, '');
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: pathToFileURL(config).href, type: FileChangeType.Changed }],
  });
  expect(await client.items(uri)).toHaveLength(1);

  writeFileSync(config, 'ignor = []\n');
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: pathToFileURL(config).href, type: FileChangeType.Changed }],
  });
  expect(await client.items(uri)).toHaveLength(1);
  const told = await until('the complaint', () =>
    client.logs.find((entry) => entry.includes("unknown key 'ignor'")),
  );
  expect(told).toContain('pymem-lint.toml:1:');
});
