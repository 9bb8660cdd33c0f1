// A source file on disk, as text or with the reason why not. Never throws.
import { readFileSync, statSync } from 'node:fs';
import { decode, skipped, type Source } from './decode-source.ts';

/** Bytes; generated C stays far below it. */
const LARGEST = 64 * 1024 * 1024;

export function readSource(path: string): Source {
  try {
    const { size } = statSync(path);
    if (size > LARGEST) return skipped(`larger than ${LARGEST / 1024 / 1024} MB`);
    return decode(readFileSync(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return skipped(code === 'EACCES' ? 'no permission to read it' : `cannot be read (${code})`);
  }
}
