// Keeps a folder of a cache within bounds: the files that were used last stay.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Bounds {
  readonly files: number;
  readonly bytes: number;
}

/** Throws what the file system says of the folder. */
export function forgetOldest(folder: string, bounds: Bounds): void {
  const entries = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name);
    const found = entry.isFile() ? statSync(file, { throwIfNoEntry: false }) : undefined;
    return found === undefined ? [] : [{ file, time: found.mtimeMs, bytes: found.size }];
  });
  let bytes = 0;
  for (const [count, entry] of entries.toSorted((a, b) => b.time - a.time).entries()) {
    bytes += entry.bytes;
    if (count >= bounds.files || bytes > bounds.bytes) rmSync(entry.file, { force: true });
  }
}
