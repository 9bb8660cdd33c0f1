// The files of a program are parsed once: each by the thread that leads a check or by one that helps, and handed to
// the others. The leader waits for nobody: what is not there when nothing else is left, it parses itself.
import type { Progress, SourceFile } from '../check.ts';
import type { ParsedFile } from '../flow/unit.ts';
import type { Parser } from '../syntax/parser.ts';
import { ParsedFiles } from './parsed-files.ts';
import { SHARES } from './schedule.ts';
import type { Team } from './team.ts';

export interface ParsingOptions {
  readonly parser: Parser;
  /** Has been told of the program. */
  readonly team: Team;
  /** A file that was read before; null: it was not. */
  readonly known: (source: SourceFile) => ParsedFile | null;
}

/** Stops before each file. In the end every helper can link them. */
export function* parseTogether(
  sources: readonly SourceFile[],
  { parser, team, known }: ParsingOptions,
): Generator<Progress, readonly ParsedFile[]> {
  const files = new ParsedFiles(sources);
  const hand = (indexes: readonly number[]): void => {
    if (team.size === 0 || indexes.length === 0) return;
    team.tellAll({ kind: 'parsed', files: files.write(indexes) });
  };
  for (const [index, source] of sources.entries()) {
    const parsed = known(source);
    if (parsed === null) continue;
    files.add(index, parsed);
    hand([index]);
  }
  const queue = new ParsingQueue(sources, files, team.size + 1);
  team.parse(
    () => queue.next(),
    (handed, helper) => {
      // Of what is there all have been told.
      const fresh = handed.filter(({ index }) => !files.has(index));
      files.read(fresh);
      if (fresh.length > 0) team.tellAll({ kind: 'parsed', files: fresh }, helper);
    },
  );
  for (let share = queue.next(); share.length > 0; share = queue.next()) {
    hand(yield* files.parse(share, parser));
  }
  for (let rest = queue.missing(); rest.length > 0; rest = queue.missing()) {
    hand(yield* files.parse(rest, parser));
  }
  team.tellAll({ kind: 'link' });
  return files.all();
}

/** The largest files come first. */
class ParsingQueue {
  readonly #sources: readonly SourceFile[];
  readonly #files: ParsedFiles;
  readonly #order: readonly number[];
  #given = 0;
  /** In UTF-16 units. */
  readonly #share: number;

  constructor(sources: readonly SourceFile[], files: ParsedFiles, threads: number) {
    this.#sources = sources;
    this.#files = files;
    this.#order = files.missing().toSorted((a, b) => this.#weight(b) - this.#weight(a));
    const all = this.#order.reduce((sum, index) => sum + this.#weight(index), 0);
    this.#share = all / (threads * SHARES);
  }

  /** The next files for a thread; each is given once. Empty: there are none left. */
  next(): readonly number[] {
    const start = this.#given;
    for (let sum = 0; this.#given < this.#order.length && sum <= this.#share; this.#given++) {
      sum += this.#weight(this.#order[this.#given]!);
    }
    return this.#order.slice(start, this.#given);
  }

  /** The file that was given last of those that are not there: its thread comes to it last. Empty: all are. */
  missing(): readonly number[] {
    const last = this.#order.findLast((index) => !this.#files.has(index));
    return last === undefined ? [] : [last];
  }

  #weight(index: number): number {
    return this.#sources[index]!.text.length;
  }
}
