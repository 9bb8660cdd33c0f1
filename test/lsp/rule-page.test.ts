// The page about a rule as a document of its own scheme, which every client of LSP 3.18 can show.
import { TextDocumentContentRequest } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import { fakeEngine } from './fake-engine.ts';
import { startInMemory } from './test-client.ts';

test('a rule has a page, offline; a name that is none says so', async () => {
  const { client } = startInMemory(fakeEngine());
  const { capabilities } = await client.initialize();
  expect(capabilities.workspace?.textDocumentContent).toEqual({ schemes: ['pymem-lint-rule'] });
  const page = async (name: string): Promise<string> => {
    const uri = `pymem-lint-rule:/${name}.md`;
    const { text } = await client.connection.sendRequest(TextDocumentContentRequest.type, { uri });
    return text;
  };
  expect(await page('double-free')).toMatch(/^# double-free\n[^]*## Why\n/);
  expect(await page('unused-suppression')).toMatch(/^# unused-suppression\n/);
  expect(await page('duble-free')).toMatch(/There is no rule 'duble-free'[^]*double-free/);
});
