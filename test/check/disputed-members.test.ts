// Where stores to a member and its release do not agree, functions that handle no memory are asked what they store.
import { beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

const DISPUTE_IN_C = `#include <Python.h>
typedef struct { PyObject_HEAD char *data; } Foo;
static int fill(Foo *self) { self->data = malloc(10); return self->data == NULL ? -1 : 0; }
static void drop(Foo *self) { PyMem_Free(self->data); }
extern char *elsewhere(void);
`;

const DISPUTE_IN_CXX = `#include <Python.h>
extern "C" char *elsewhere(void);
struct Foo { char *data; Foo() { data = (char *)malloc(10); } void attach(); ~Foo() { PyMem_Free(data); } };
`;

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

function explored(file: string, text: string): number {
  return check([{ file, text }], parser, DEFAULT_SETTINGS).stats.explored;
}

function rulesIn(text: string): string[] {
  const { findings } = check([{ file: 'a.c', text }], parser, DEFAULT_SETTINGS);
  return findings.map(({ rule }) => rule);
}

describe('a function that names the member', () => {
  test.each([
    ['as one', 'void attach(Foo *o) { o->data = elsewhere(); }'],
    [
      'for a macro that selects it',
      '#define set_member(o, m, v) (o)->m = (v)\nvoid attach(Foo *o) { set_member(o, data, elsewhere()); }',
    ],
    [
      'for a macro that hands it on',
      '#define SELECT(o, m) (o)->m\n#define Set(o, m, v) SELECT(o, m) = (v)\nvoid attach(Foo *o) { Set(o, data, elsewhere()); }',
    ],
  ])('%s', (_, attach) => {
    expect(explored('a.c', `${DISPUTE_IN_C}${attach}\n`)).toBe(explored('a.c', DISPUTE_IN_C) + 1);
  });

  test('as a method does', () => {
    const attach = 'void Foo::attach() { data = elsewhere(); }\n';
    const alone = explored('a.cpp', DISPUTE_IN_CXX);
    expect(explored('a.cpp', `${DISPUTE_IN_CXX}${attach}`)).toBe(alone + 1);
  });
});

test('what it stores may be what is released', () => {
  expect(rulesIn(DISPUTE_IN_C)).toEqual(['mismatched-free']);
  expect(rulesIn(`${DISPUTE_IN_C}void attach(Foo *o) { o->data = elsewhere(); }\n`)).toEqual([]);
});

test('macros that call each other in many ways are gone through once', () => {
  const names = Array.from({ length: 40 }, (_, i) => `STEP${i}`);
  const calls = names.map((name) => `${name}(a)`).join(' ');
  const macros = names.map((name) => `#define ${name}(a) ${calls}`).join('\n');
  const text = `${DISPUTE_IN_C}${macros}\nvoid f(int data) { STEP0(data); }\n`;
  expect(explored('a.c', text)).toBe(explored('a.c', DISPUTE_IN_C));
});

test('comments without number stand before a type that is none', () => {
  const text = `#include <Python.h>\nPyTypeObject ${'/* **/ /'.repeat(30_000)};\nvoid *f(void) { return PyMem_Malloc(1); }\n`;
  expect(explored('a.c', text)).toBe(1);
});

test('a local of that name is another thing', () => {
  const other = 'int other(int n) { int data = n; return data; }\n';
  expect(explored('a.c', `${DISPUTE_IN_C}${other}`)).toBe(explored('a.c', DISPUTE_IN_C));
});
