// A source file on disk, as text or with the reason why not. Never throws.
import { statSync } from 'node:fs';
import { reasonOf } from '../reason-of.ts';
import { decode, skipped, type Source } from './decode-source.ts';
import { LARGEST_FILE, readBytes } from './read-bytes.ts';

export function readSource(path: string): Source {
  try {
    // A link of a repository may lead to a device.
    if (!statSync(path).isFile()) return skipped('not a file');
    return decode(readBytes(path, LARGEST_FILE));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) return skipped(reasonOf(error));
    const code = String(error.code);
    return skipped(code === 'EACCES' ? 'no permission to read it' : `cannot be read (${code})`);
  }
}
