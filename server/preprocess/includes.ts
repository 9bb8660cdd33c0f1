// The `#include` lines of a C text that may mean a project's own headers.
import { isSystemHeader } from './system-headers.ts';

export interface Include {
  /** As written. */
  readonly name: string;
  /** Between angle brackets: it is not looked for beside the file. */
  readonly isAngled: boolean;
}

const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)/gm;

/** In order; without the headers of the system and of well-known libraries between angle brackets. */
export function includesOf(text: string): Include[] {
  return [...ownIncludes(text)].map(({ include }) => include);
}

/** Where the first of them begins; -1: there is none. */
export function firstInclude(text: string): number {
  const [first] = ownIncludes(text);
  return first?.index ?? -1;
}

function* ownIncludes(text: string): Generator<{ include: Include; index: number }> {
  for (const { 1: quoted, 2: angled, index } of text.matchAll(INCLUDE)) {
    const include =
      quoted === undefined
        ? { name: angled!.trim(), isAngled: true }
        : { name: quoted, isAngled: false };
    if (!include.isAngled || !isSystemHeader(include.name)) yield { include, index };
  }
}
