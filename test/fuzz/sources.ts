// The C that mutants are made of: the fixtures and the examples.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FuzzSource } from './mutate.ts';

export function fuzzSources(root: string): readonly FuzzSource[] {
  return ['test/fixtures', 'test/cfg', 'examples'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:c|h|cpp)$/.test(name))
      .toSorted()
      .map((name) => ({
        extension: path.extname(name),
        text: readFileSync(path.join(root, folder, name), 'utf8'),
      })),
  );
}
