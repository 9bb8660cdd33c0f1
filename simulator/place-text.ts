// Where a step is in the source, in the fewest words: the name of its file and the line.
import type { Span } from './flagged-path.ts';

/** `wordbag.c:12`. Lines count from 1. */
export function placeText({ file, line }: Span): string {
  return `${baseName(file)}:${line}`;
}

/** The last part of a path or a URI, with either separator. */
export function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
