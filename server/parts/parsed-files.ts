// The files of a program as far as a thread has them: parsed by itself, or by another one that hands them over.
import type { Progress, SourceFile } from '../check.ts';
import { type ParsedFile, parseFile } from '../flow/unit.ts';
import type { Parser } from '../syntax/parser.ts';
import { SourceText } from '../syntax/source-text.ts';
import { fromText, toText } from './object-text.ts';

/** A file as one thread hands it to another. */
export interface HandedFile {
  /** Among the files of the program. */
  readonly index: number;
  readonly written: string;
}

/** Whoever gets it has the source. */
export type WithoutSource = Omit<ParsedFile, 'source'>;

export function withSource(parsed: WithoutSource, { file, text }: SourceFile): ParsedFile {
  return { ...parsed, source: new SourceText(file, text) };
}

export class ParsedFiles {
  readonly #sources: readonly SourceFile[];
  readonly #parsed = new Map<number, ParsedFile>();

  constructor(sources: readonly SourceFile[]) {
    this.#sources = sources;
  }

  has(index: number): boolean {
    return this.#parsed.has(index);
  }

  missing(): number[] {
    return [...this.#sources.keys()].filter((index) => !this.has(index));
  }

  add(index: number, parsed: ParsedFile): void {
    this.#parsed.set(index, parsed);
  }

  /** Stops before each file, of which another thread may be heard then. Gives those that were not there. */
  *parse(indexes: readonly number[], parser: Parser): Generator<Progress, readonly number[]> {
    const own: number[] = [];
    for (const index of indexes) {
      yield { phase: 'parse', done: this.#parsed.size, of: this.#sources.length };
      if (this.has(index)) continue;
      const { file, text } = this.#sources[index]!;
      this.add(index, parseFile(file, text, parser));
      own.push(index);
    }
    return own;
  }

  /** For another thread. */
  write(indexes: readonly number[]): readonly HandedFile[] {
    return indexes.map((index) => {
      const { source: _, ...parsed } = this.#parsed.get(index)!;
      return { index, written: toText(parsed satisfies WithoutSource, NOTHING) };
    });
  }

  /** Of another thread. */
  read(handed: readonly HandedFile[]): void {
    for (const { index, written } of handed) {
      if (this.has(index)) continue;
      const parsed = fromText(written, NOTHING);
      if (isParsed(parsed)) this.add(index, withSource(parsed, this.#sources[index]!));
    }
  }

  /** When none is missing: in the order of the program. */
  all(): readonly ParsedFile[] {
    return this.#sources.map((_, index) => this.#parsed.get(index)!);
  }
}

const NOTHING = (): null => null;

/** Written by this very program. */
function isParsed(value: unknown): value is WithoutSource {
  return typeof value === 'object' && value !== null && 'declarations' in value;
}
