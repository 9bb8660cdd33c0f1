// The C that mutants are made of: the fixtures and the examples.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export function fuzzSources(root: string): readonly string[] {
  return ['test/fixtures', 'test/cfg', 'examples'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:c|h)$/.test(name))
      .toSorted()
      .map((name) => readFileSync(path.join(root, folder, name), 'utf8')),
  );
}
