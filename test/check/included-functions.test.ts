// Functions that a header defines are those of the files that include it, static ones too.
import { expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';

const HEADER = `static inline void *mem_new(size_t n) { return PyMem_RawMalloc(n); }
static inline void mem_del(void *p) { PyMem_RawFree(p); }
`;

function source(release: string): string {
  return `#include "mem.h"\nvoid work(void) {\n  char *p = mem_new(32);\n  ${release}(p);\n}\n`;
}

test.each([
  ['PyMem_Free', ['4 mismatched-free']],
  ['mem_del', []],
])('a block of a static function in a header, released by %s', async (release, expected) => {
  const files = [
    { file: 'pkg/mem.h', text: HEADER },
    { file: 'pkg/work.c', text: source(release) },
  ];
  const { findings } = check(files, await loadParser({ backend: 'native' }), DEFAULT_SETTINGS);
  expect(findings.map(({ at, rule }) => `${at.line} ${rule}`)).toEqual(expected);
});

test.each([
  ['the only one of its name', ['pkg/include/own/mem.h'], '<own/mem.h>', [], 1],
  ['one of two', ['pkg/a/mem.hh', 'pkg/b/mem.hh'], '<mem.hh>', [], 0],
  ['one of two, which the build names', ['pkg/a/mem.hh', 'pkg/b/mem.hh'], '<mem.hh>', ['pkg/b'], 1],
  ['named like one of the C library', ['pkg/string.h'], '<string.h>', ['pkg'], 0],
  ['named like one of a library', ['pkg/ldap.h'], '<ldap.h>', ['pkg'], 0],
  ['named like one of Python', ['pkg/internal/mem.h'], '<internal/mem.h>', ['pkg'], 0],
])('a header between angle brackets: %s', async (_, headers, included, includePaths, count) => {
  const text = source('PyMem_Free').replace('"mem.h"', included);
  const files = [
    ...headers.map((file) => ({ file, text: HEADER })),
    { file: 'pkg/work.c', text, includePaths },
  ];
  const parser = await loadParser({ backend: 'native' });
  const { findings } = check(files, parser, DEFAULT_SETTINGS);
  expect(findings.map(({ rule }) => rule)).toEqual(Array(count).fill('mismatched-free'));
  expect(check(files.toReversed(), parser, DEFAULT_SETTINGS).findings).toEqual(findings);
});

const API = `#ifndef API_INTERNAL
#define Word_Type (*(PyTypeObject *)api_table[0])
#endif
`;

const OWN_TYPE = `static PyTypeObject Word_Type;
typedef struct { PyObject_HEAD int id; } Word;
static void word_dealloc(PyObject *self) { PyMem_Free(self); }
PyObject *new_word(void) { return (PyObject *)PyObject_New(Word, &Word_Type); }
static PyTypeObject Word_Type = { PyVarObject_HEAD_INIT(NULL, 0) "Word", sizeof(Word), 0, word_dealloc };
`;

test.each([
  ['#define API_INTERNAL\n#include "api.h"\n', 1],
  ['#include "api.h"\n', 0],
  // Too late for the header.
  ['#include "api.h"\n#define API_INTERNAL\n', 0],
])('what a file defines before it includes a header: %j', async (head, count) => {
  const files = [
    { file: 'pkg/api.h', text: API },
    { file: 'pkg/word.c', text: head + OWN_TYPE },
  ];
  const { findings } = check(files, await loadParser({ backend: 'native' }), DEFAULT_SETTINGS);
  expect(findings.filter(({ rule }) => rule === 'object-freed-as-memory')).toHaveLength(count);
});

test('what a header says a function of the table does changes nothing: it may be that of Python', async () => {
  const object = `static inline void Py_DECREF(PyObject *op) { if (--op->ob_refcnt == 0) _Py_Dealloc(op); }\n`;
  const work = `#include "object.h"
PyObject *make(PyTypeObject *type) {
  PyObject *op = PyObject_Malloc(64);
  if (op == NULL) return PyErr_NoMemory();
  PyObject_Init(op, type);
  if (PyObject_IsTrue(op) < 0) { Py_DECREF(op); return NULL; }
  return op;
}
`;
  const files = [
    { file: 'pkg/object.h', text: object },
    { file: 'pkg/work.c', text: work },
  ];
  const { findings } = check(files, await loadParser({ backend: 'native' }), DEFAULT_SETTINGS);
  expect(findings.map(({ at, rule }) => `${at.line} ${rule}`)).toEqual([]);
});

test.each(['', '#ifdef __cplusplus'])(
  'an overload in a header that only converts: %j',
  async (head) => {
    const header = `void give_back(char *p);
${head}
inline void give_back(unsigned char *p) { give_back((char *)p); }
${head === '' ? '' : '#endif'}
`;
    const files = [
      { file: 'pkg/mem.h', text: header },
      {
        file: 'pkg/mem.cpp',
        text: '#include "mem.h"\nvoid give_back(char *p) { PyMem_Free(p); }\n',
      },
      {
        file: 'pkg/work.cpp',
        text: '#include "mem.h"\nvoid work() {\n  char *p = (char *)malloc(4);\n  give_back(p);\n}\n',
      },
    ];
    const { findings } = check(files, await loadParser({ backend: 'native' }), DEFAULT_SETTINGS);
    expect(findings.map(({ at, rule }) => `${at.line} ${rule}`)).toEqual(['4 mismatched-free']);
  },
);
