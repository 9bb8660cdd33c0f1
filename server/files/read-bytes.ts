// The bytes of a file that a user or a repository names. It may be a device that never ends, or a link to one: no more
// is read than a file of its kind may have.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

const MB = 1024 * 1024;
const CHUNK = MB;

/** Bytes of a file of a project; generated C stays far below it. */
export const LARGEST_FILE = 64 * MB;
/** Bytes of what a user hands over. */
export const LARGEST_INPUT = 256 * MB;

/** `most`: bytes. Throws what the file system says, and an Error for more than that. */
export function readBytes(path: string, most: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const stats = fstatSync(file);
    if (stats.size > most) throw tooLarge(most);
    // A folder is refused here.
    return stats.isFile() || stats.isDirectory() ? readFileSync(file) : readStream(file, most);
  } finally {
    closeSync(file);
  }
}

function readStream(file: number, most: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let size = 0; ; ) {
    const chunk = new Uint8Array(CHUNK);
    const read = readSync(file, chunk);
    if (read === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, read));
    size += read;
    if (size > most) throw tooLarge(most);
  }
}

export function tooLarge(most: number): Error {
  return new Error(`larger than ${most / MB} MB`);
}
