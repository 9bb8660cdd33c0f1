// examples/wordbag under the analyzer: each planted defect is found on its line, the repaired module is silent.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../server/finding.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { checkText } from '../check/fixture.ts';
import { DEFECTS } from './outcomes.ts';

let parser: Parser;

beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

function sourceOf(version: 'defective' | 'repaired'): string {
  const file = new URL(`../../examples/wordbag/${version}/wordbag.c`, import.meta.url);
  return readFileSync(file, 'utf8');
}

test('each planted defect is reported where it takes effect, and nothing else', () => {
  const text = sourceOf('defective');
  const lines = text.split('\n');
  const planted = DEFECTS.flatMap(({ marks }) => marks).flatMap((mark) =>
    linesWhereItTakesEffect(lines, mark),
  );
  expect(linesOf(checkText(text, parser).findings)).toEqual(
    planted.toSorted((left, right) => left - right),
  );
});

test('the repaired module is silent', () => {
  expect(checkText(sourceOf('repaired'), parser).findings).toEqual([]);
});

test('the analyzer reads both modules whole', () => {
  for (const version of ['defective', 'repaired'] as const)
    expect(checkText(sourceOf(version), parser).skipped).toEqual([]);
});

function linesOf(findings: readonly Finding[]): readonly number[] {
  return findings.map(({ at }) => at.line);
}

/** The marked line itself; of a marked macro, the lines that use it. */
function linesWhereItTakesEffect(lines: readonly string[], mark: string): readonly number[] {
  const macro = /^#define (\w+)/.exec(mark)?.[1];
  return lines.flatMap((line, index) => {
    const isUse =
      macro === undefined
        ? line.includes(mark) && line.includes('/* DEFECT')
        : line.includes(`${macro}(`) && !line.startsWith('#define');
    return isUse ? [index + 1] : [];
  });
}
