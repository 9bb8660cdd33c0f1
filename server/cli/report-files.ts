// What was explored for files of a program, as files of a cache. Each begins with the hash of the rest: what is not as
// it was written is not there.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../files/write-atomic.ts';
import type { ReportStore } from '../parts/kept-reports.ts';
import { type Bounds, forgetOldest } from './oldest-files.ts';

const KEPT: Bounds = { files: 8192, bytes: 256 * 2 ** 20 };
/** A file that is read counts as used again after that long, in milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

export class ReportFiles implements ReportStore {
  readonly #folder: string;
  readonly #program: string;
  readonly #bounds: Bounds;

  /** `program` changes with every build. */
  constructor(folder: string, program: string, bounds: Bounds = KEPT) {
    this.#folder = folder;
    this.#program = program;
    this.#bounds = bounds;
  }

  read(name: string): string | null {
    const file = this.#file(name);
    try {
      const content = readFileSync(file, 'utf8');
      const end = content.indexOf('\n');
      const text = content.slice(end + 1);
      if (end < 0 || content.slice(0, end) !== hashOf(text)) return null;
      const now = Date.now();
      if (now - statSync(file).mtimeMs > DAY) utimesSync(file, now / 1000, now / 1000);
      return text;
    } catch {
      return null;
    }
  }

  /** Where it cannot be written, the next check explores again. */
  write(name: string, text: string): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeAtomic(this.#file(name), `${hashOf(text)}\n${text}`);
    } catch {
      // A cache is no part of the result.
    }
  }

  /** After all are written. */
  prune(): void {
    try {
      forgetOldest(this.#folder, this.#bounds);
    } catch {
      // There is no folder, or it is not ours to change.
    }
  }

  #file(name: string): string {
    return join(this.#folder, `${hashOf(this.#program + name)}.txt`);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
