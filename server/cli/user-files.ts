// Files that a user names, read and written: what goes wrong is the user's to mend.
import { resolve } from 'node:path';
import { LARGEST_INPUT, readBytes } from '../files/read-bytes.ts';
import { writeAtomic } from '../files/write-atomic.ts';
import { reasonOf } from '../reason-of.ts';
import { UsageError } from './exit.ts';

/** Throws UsageError when it cannot be read. */
export function readFileOrFail(file: string, cwd: string): Uint8Array {
  try {
    return readBytes(resolve(cwd, file), LARGEST_INPUT);
  } catch (error) {
    throw new UsageError(`cannot read '${file}': ${reasonOf(error)}`);
  }
}

/** In UTF-8. Throws UsageError when it cannot be read. */
export function readTextOrFail(file: string, cwd: string): string {
  return new TextDecoder().decode(readFileOrFail(file, cwd));
}

/** Throws UsageError when it cannot be written. */
export function writeFileOrFail(file: string, text: string, cwd: string): void {
  try {
    writeAtomic(resolve(cwd, file), text);
  } catch (error) {
    throw new UsageError(`cannot write '${file}': ${reasonOf(error)}`);
  }
}
