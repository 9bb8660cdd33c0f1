// Which rules speak: those on by default, those selected, those left out.
import { beforeAll, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

const TEXT = `#include <Python.h>
static int f(size_t n) {
    char *a = malloc(n), *b = PyMem_Malloc(n);
    free(a);
    free(b);
    return 0;
}
`;

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

const rulesWith = (settings: Partial<Settings>): readonly string[] =>
  check([{ file: 'a.c', text: TEXT }], parser, { ...DEFAULT_SETTINGS, ...settings }).findings.map(
    ({ rule }) => rule,
  );

test('a rule that is off by default speaks when it is selected, by name or with all', () => {
  expect(rulesWith({})).toEqual(['mismatched-free']);
  expect(rulesWith({ select: ['default', 'untracked-allocation'] })).toEqual([
    'untracked-allocation',
    'mismatched-free',
  ]);
  expect(rulesWith({ select: ['all'] })).toEqual(['untracked-allocation', 'mismatched-free']);
  expect(rulesWith({ select: ['untracked-allocation'] })).toEqual(['untracked-allocation']);
});

test('what is left out stays out, selected or not', () => {
  const ignore = ['untracked-allocation', 'mismatched-free'];
  expect(rulesWith({ select: ['all'], ignore })).toEqual([]);
});
