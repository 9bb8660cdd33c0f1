// A file that is there whole, or not at all: written beside its place and moved there. A process that is
// killed leaves the old file, and at worst a temporary one.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Keeps the permissions of the file that it replaces; a link stays one. Throws what the file system says. */
export function writeAtomic(path: string, content: string | Uint8Array): void {
  const target = resolved(path);
  if (statSync(target, { throwIfNoEntry: false })?.isFile() === false) {
    // A device or a pipe is written to, never replaced.
    writeFileSync(target, content);
    return;
  }
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${counter++}.tmp`);
  try {
    writeAll(temporary, content);
    const mode = statSync(target, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined) chmodSync(temporary, mode & 0o7777);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

let counter = 0;

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function writeAll(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(file, bytes, written);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
