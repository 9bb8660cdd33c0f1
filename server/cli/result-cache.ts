// What checks have found, on disk, by the content of everything it depends on: whole results by the program, the
// settings, the names and texts of the files; what was explored for each file by what that depends on. What is
// read is what a check would give.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult, SourceFile } from '../check.ts';
import { writeAtomic } from '../files/write-atomic.ts';
import type { Settings } from '../settings.ts';
import { forgetOldest } from './oldest-files.ts';
import { ReportFiles } from './report-files.ts';

/** Results that are kept, the newest. */
const KEPT = 64;

export interface CheckInput {
  readonly files: readonly SourceFile[];
  readonly settings: Settings;
}

export class ResultCache {
  readonly #folder: string;
  readonly #program: string;

  /** `program` changes with every build. */
  constructor(folder: string, program: string) {
    this.#folder = folder;
    this.#program = program;
  }

  /** null: not known, or not to be read. */
  read(input: CheckInput): CheckResult | null {
    try {
      const entry: unknown = JSON.parse(readFileSync(this.#file(this.#key(input)), 'utf8'));
      return isResult(entry) ? entry : null;
    } catch {
      return null;
    }
  }

  /** Where it cannot be written, the next check takes as long as this one. */
  write(input: CheckInput, result: CheckResult): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeAtomic(this.#file(this.#key(input)), JSON.stringify(result));
      this.#forgetOldest();
    } catch {
      // A cache is no part of the result.
    }
  }

  /** What was explored, by this program. */
  get reports(): ReportFiles {
    return new ReportFiles(join(this.#folder, 'reports'), this.#program);
  }

  #key({ files, settings }: CheckInput): string {
    const hash = createHash('sha256');
    const add = (text: string): void => void hash.update(`${text.length}:`).update(text);
    add(this.#program);
    add(JSON.stringify(settings));
    for (const { file, text, includePaths = [] } of files) {
      add(file);
      add(text);
      add(includePaths.join('\n'));
    }
    return hash.digest('hex');
  }

  #file(key: string): string {
    return join(this.#folder, `${key}.json`);
  }

  #forgetOldest(): void {
    forgetOldest(this.#folder, { files: KEPT, bytes: Infinity });
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where caches of programs are, on this system. */
export function defaultCacheFolder(environment: Environment): string {
  const named = environment['PYMEM_LINT_CACHE_DIR'];
  if (named !== undefined && named !== '') return named;
  const base =
    environment['XDG_CACHE_HOME'] || environment['LOCALAPPDATA'] || join(homedir(), '.cache');
  return join(base, 'pymem-lint');
}

/** Written by this very program; half a file is no JSON. */
function isResult(value: unknown): value is CheckResult {
  return typeof value === 'object' && value !== null && 'findings' in value && 'stats' in value;
}
