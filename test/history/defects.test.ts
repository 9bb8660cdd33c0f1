// The list of historical defects is data that bench/history.ts relies on: complete and unambiguous.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

interface Entry {
  readonly id: string;
  readonly repository: string;
  readonly before: string;
  readonly after: string | null;
  readonly path: string;
  readonly language: string;
  readonly sites: readonly { readonly line: number; readonly call: string }[];
}

const entries: readonly Entry[] = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'defects.json'), 'utf8'),
);

test('every defect has a name of its own', () => {
  expect(entries.length).toBeGreaterThan(50);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
});

test.each(entries)('$id names commits, a file and places in it', (entry) => {
  expect(entry.repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
  expect(entry.before).toMatch(/^[0-9a-f]{40}$/);
  expect(entry.after ?? entry.before).toMatch(/^[0-9a-f]{40}$/);
  expect(entry.after).not.toBe(entry.before);
  expect(entry.path).toMatch(/\.(?:c|cpp|i)$/);
  expect(['c', 'c++', 'swig']).toContain(entry.language);
  expect(entry.sites.length).toBeGreaterThan(0);
  for (const { line, call } of entry.sites) {
    expect(line).toBeGreaterThan(0);
    expect(call).not.toBe('');
  }
});
