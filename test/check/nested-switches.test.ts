// Switches that are made of switches: their number decides what a check costs, not how often they meet.
import { expect, test } from 'vitest';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { checkText } from './fixture.ts';

const DEPTH = 40;

test('a switch that two others make, and so on, is asked around a function and in it', async () => {
  const switches = Array.from({ length: DEPTH }, (_, i) =>
    i < 2 ? `#ifdef GIVEN_${i}\n#define L${i} 1\n#endif` : `#define L${i} (L${i - 1} && L${i - 2})`,
  );
  const text = [
    '#include <Python.h>',
    ...switches,
    `#if L${DEPTH - 1}`,
    'void around_bad(void) { free(PyMem_Malloc(8)); }',
    '#endif',
    'void inside_bad(void) {',
    `#if L${DEPTH - 1}`,
    'free(PyMem_Malloc(8));',
    '#endif',
    '}',
  ].join('\n');
  const { findings } = checkText(text, await loadParser({ backend: 'native' }), 'switches.c');
  expect(findings.map(({ rule }) => rule)).toEqual(['mismatched-free', 'mismatched-free']);
});
