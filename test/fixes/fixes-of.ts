// The fixes of everything that is found in a text, each with what it makes of the text, and what all of them make.
import { beforeAll, expect } from 'vitest';
import type { Fix } from '../../server/finding.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { applyFix } from '../check/apply-fix.ts';
import { checkText } from '../check/fixture.ts';

const HEAD = '#include <Python.h>\n';

let parser: Parser;

beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

/** `code`: what follows the inclusion of Python.h; so is each result. */
export function fixesOf(
  code: string,
  file = 'example.c',
): readonly (Fix & { readonly result: string })[] {
  const { findings } = checkText(HEAD + code, parser, file);
  return findings.flatMap(({ fixes }) =>
    fixes.map((fix) => ({ ...fix, result: applyFix(HEAD + code, fix).slice(HEAD.length) })),
  );
}

/** The first fix of each finding, one after the other, until there is nothing left to fix. */
export function allFixed(code: string): string {
  let text = HEAD + code;
  for (let round = 0; round < 8; round++) {
    const fix = checkText(text, parser).findings.flatMap(({ fixes }) => fixes)[0];
    if (fix === undefined) {
      expect(checkText(text, parser).findings).toEqual([]);
      return text.slice(HEAD.length);
    }
    text = applyFix(text, fix);
  }
  throw new Error('the fixes come to no end');
}
