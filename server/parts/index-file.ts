// A file as it is read, as text: what `step index` writes for one file, whatever the others are.
import { createHash } from 'node:crypto';
import type { SourceFile } from '../check.ts';
import { type ParsedFile, parseFile } from '../flow/unit.ts';
import type { Parser } from '../syntax/parser.ts';
import { fromText, toText } from './object-text.ts';
import { type WithoutSource, withSource } from './parsed-files.ts';

export interface IndexedFile {
  readonly source: SourceFile;
  readonly parsed: ParsedFile;
  /** Equal for the same content. */
  readonly hash: string;
}

interface Stored {
  readonly index: 1;
  readonly source: SourceFile;
  readonly parsed: WithoutSource;
}

const NOTHING = (): null => null;

export function indexText(source: SourceFile, parser: Parser): string {
  const { source: _, ...parsed } = parseFile(source.file, source.text, parser);
  return toText({ index: 1, source, parsed } satisfies Stored, NOTHING);
}

/** Throws an Error when the text is none that `indexText` gives. */
export function readIndex(text: string): IndexedFile {
  const stored = fromText(text, NOTHING);
  if (!isStored(stored)) throw new Error('it is not the index of a file');
  const { source, parsed } = stored;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return {
    source,
    parsed: withSource(parsed, source),
    hash,
  };
}

function isStored(value: unknown): value is Stored {
  return typeof value === 'object' && value !== null && 'index' in value && 'parsed' in value;
}
