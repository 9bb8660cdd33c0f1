// The `#include "..."` lines of a C text: a project's own headers.

const QUOTED_INCLUDE = /^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/gm;

/** The names as written, in order. */
export function quotedIncludes(text: string): string[] {
  return [...text.matchAll(QUOTED_INCLUDE)].map(([, name = '']) => name);
}

/** Where the first of them begins; -1: there is none. */
export function firstQuotedInclude(text: string): number {
  return text.search(QUOTED_INCLUDE);
}
