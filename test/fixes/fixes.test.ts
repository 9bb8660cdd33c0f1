// Which fixes a finding has, what they make of the text, and where none is offered because it could be wrong.
import { beforeAll, describe, expect, test } from 'vitest';
import { replaysClean } from '../../server/fixes/replays-clean.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { applyFix } from '../check/apply-fix.ts';
import { checkText } from '../check/fixture.ts';

let parser: Parser;

beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

function fixesOf(code: string) {
  const text = `#include <Python.h>\n${code}`;
  const { findings } = checkText(text, parser);
  return findings.flatMap(({ fixes }) =>
    fixes.map((fix) => ({ ...fix, result: applyFix(text, fix).split('\n').slice(1).join('\n') })),
  );
}

function titles(code: string): readonly string[] {
  return fixesOf(code).map(({ title }) => title);
}

describe('the allocation changes instead of the release', () => {
  test('where the pointer is local and nobody else sees it, with all its calls', () => {
    const fixes = fixesOf(`void f(size_t n) {
    char *p = NULL;
    p = (char *)PyMem_Malloc(n);
    if (p == NULL || n == 0) { PyMem_Free(p); return; }
    memset(p, 0, n);
    p[0] = *p;
    free(p);
}`);
    const change = fixes.find(({ title }) => title === "Use malloc and free for 'p'");
    expect(change?.result).toBe(`void f(size_t n) {
    char *p = NULL;
    p = (char *)malloc(n);
    if (p == NULL || n == 0) { free(p); return; }
    memset(p, 0, n);
    p[0] = *p;
    free(p);
}`);
    expect(change?.isSafe).toBe(true);
    expect(replaysClean(change?.path ?? null)).toBe(true);
  });

  test.for([
    [
      'is returned',
      'char *f(int x) { char *p = PyMem_Malloc(8); if (x) return p; free(p); return 0; }',
    ],
    ['is stored', 'char *kept; void f(void) { char *p = PyMem_Malloc(8); kept = p; free(p); }'],
    [
      'goes to a function',
      'void g(char *); void f(void) { char *p = PyMem_Malloc(8); g(p); free(p); }',
    ],
    ['is copied', 'void f(void) { char *p = PyMem_Malloc(8); char *q = p; *q = 0; free(p); }'],
    [
      'has its address taken',
      'void g(char **); void f(void) { char *p = PyMem_Malloc(8); g(&p); free(p); }',
    ],
    [
      'holds something else too',
      'char *g(void); void f(int x) { char *p = x ? g() : 0; if (!p) { p = PyMem_Malloc(8); free(p); } }',
    ],
    ['is a parameter', 'void f(char *p) { p = PyMem_Malloc(8); free(p); }'],
    ['is static', 'void f(void) { static char *p; p = PyMem_Malloc(8); free(p); }'],
    ['moves', 'void f(void) { char *p = PyMem_Malloc(8); p++; p--; free(p); }'],
    [
      'is resized into another',
      'void f(void) { char *p = PyMem_Malloc(8); char *q = realloc(p, 16); PyMem_Free(q); }',
    ],
  ] as const)('not where it %s', ([, code]) => {
    expect(titles(code).filter((title) => title.startsWith('Use '))).toEqual([]);
  });
});

describe('a NULL check', () => {
  const use = 'p[0] = 1; PyMem_Free(p);';

  test('returns what the function returns for an error, in its indentation', () => {
    const [object] = fixesOf(`PyObject *f(PyObject *self) {
\tlong *p = PyMem_New(long, 4);
\t${use}
\tPy_RETURN_NONE;
}`);
    expect(object?.result).toContain(
      'PyMem_New(long, 4);\n\tif (p == NULL)\n\t\treturn PyErr_NoMemory();\n',
    );
    const [number] = fixesOf(`static int f(int n) {
    if (n < 0)
        return -1;
    char *p = PyMem_Malloc(4);
    ${use}
    return 0;
}`);
    expect(number?.result).toContain(
      'PyMem_Malloc(4);\n    if (p == NULL) {\n        PyErr_NoMemory();\n        return -1;\n    }\n',
    );
  });

  test.for([
    ['what to return is not known', `void f(void) { char *p = PyMem_Malloc(4); ${use} }`],
    [
      'a condition governs the assignment',
      `PyObject *f(int x) { char *p = 0; if (x) p = PyMem_Malloc(4); if (x) { ${use} } return 0; }`,
    ],
    [
      'other variables follow in the declaration',
      `PyObject *f(void) { char *p = PyMem_Malloc(4), *q = p; q[0] = 1; PyMem_Free(p); return 0; }`,
    ],
    [
      'no exception can be set there',
      `PyObject *f(void) { Py_BEGIN_ALLOW_THREADS { char *p = malloc(4); p[0] = 1; free(p); } Py_END_ALLOW_THREADS Py_RETURN_NONE; }`,
    ],
  ] as const)('not where %s', ([, code]) => {
    expect(titles(code).filter((title) => title.startsWith('Check '))).toEqual([]);
  });
});

describe('a resize through a temporary', () => {
  test('keeps what the failure did, and releases a local block first', () => {
    const [fix] = fixesOf(`char *f(size_t n) {
    char *p = malloc(n);
    if (!p)
        return NULL;
    p = (char *)realloc(p, 2 * n);
    if (!p) {
        PyErr_NoMemory();
        return NULL;
    }
    return p;
}`);
    expect(fix?.result).toContain(`    void *resized = realloc(p, 2 * n);
    if (resized == NULL) {
        free(p);
        PyErr_NoMemory();
        return NULL;
    }
    p = resized;
    return p;`);
  });

  test('not where the failure goes on with the pointer', () => {
    expect(
      titles(`char *f(size_t n) {
    char *p = malloc(n);
    if (!p) return NULL;
    p = realloc(p, 2 * n);
    if (!p) { log_it(p); return p; }
    return p;
}`),
    ).toEqual([]);
  });
});

function withSize(size: string): string {
  return `PyObject *f(PyObject *self, PyObject *args) {
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "n", &n)) return NULL;
    double *p = PyMem_Malloc(${size});
    if (p == NULL) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++) p[i] = 0;
    PyMem_Free(p);
    Py_RETURN_NONE;
}`;
}

test('a product goes to the function that checks it', () => {
  const calls = ['n * sizeof(double)', 'sizeof(double) * n'].map(
    (size) => /double \*p = (.*);/.exec(fixesOf(withSize(size))[0]?.result ?? '')?.[1],
  );
  expect(calls).toEqual(['PyMem_New(double, n)', 'PyMem_New(double, n)']);
});

test('a block that is allocated without a thread state moves to the raw domain, both ends', () => {
  const fixes = fixesOf(`void f(void) {
    Py_BEGIN_ALLOW_THREADS
    char *p = PyMem_Malloc(8);
    if (p != NULL) PyMem_Free(p);
    Py_END_ALLOW_THREADS
}`);
  expect(fixes[0]?.title).toBe("Use PyMem_RawMalloc and PyMem_RawFree for 'p'");
  expect(fixes[0]?.result).toContain('PyMem_RawMalloc(8);\n    if (p != NULL) PyMem_RawFree(p);');
});

describe('a release that must not be', () => {
  test('of what is lent goes, with its line', () => {
    const [fix, ...others] = fixesOf(`void f(PyObject *o) {
    const char *text = NULL;
    text = PyUnicode_AsUTF8(o);
    if (text == NULL) return;
    puts(text);
    free((void *)text); /* not ours */
    puts("done");
}`);
    expect(others).toEqual([]);
    expect(fix?.title).toBe('Leave free(text) out');
    expect(fix?.result).toContain('    puts(text);\n    puts("done");\n');
    expect(replaysClean(fix?.path ?? null)).toBe(true);
  });

  test.for([
    [
      'the variable may hold a block',
      'const char *t = PyUnicode_AsUTF8(o); if (n) t = strdup("a"); PyMem_Free((void *)t);',
    ],
    [
      'a condition chooses what it holds',
      'const char *t = n ? PyUnicode_AsUTF8(o) : strdup("a"); free((void *)t);',
    ],
    ['it governs the release', 'const char *t = PyUnicode_AsUTF8(o); if (t) free((void *)t);'],
    [
      'somebody has its address',
      'const char *t = PyUnicode_AsUTF8(o); set(&t, n); free((void *)t);',
    ],
  ] as const)('stays where %s', ([, body]) => {
    expect(
      titles(`void set(const char **, int);\nvoid f(PyObject *o, int n) { ${body} }`).join(),
    ).not.toContain('Leave');
  });

  test('of an array depends on where the pointer points', () => {
    const [fix] = fixesOf(`int f(size_t n) {
    char small[64], *buf = small;
    if (n > sizeof small) { buf = PyMem_Malloc(n); if (buf == NULL) return -1; }
    memset(buf, 0, n);
    PyMem_Free(buf);
    return 0;
}`);
    expect(fix?.title).toBe("Release 'buf' only where it is not 'small'");
    expect(fix?.result).toContain('    if (buf != small)\n        PyMem_Free(buf);\n');
    expect(replaysClean(fix?.path ?? null)).toBe(true);
  });

  test.for([
    [
      'is declared in another block',
      'int f(char *buf, int n) { if (n) { char small[8]; buf = small; small[0] = 0; } free(buf); return 0; }',
    ],
    ['is pointed into', 'void f(void) { char small[8]; char *p = small + 2; free(p); }'],
  ] as const)('not where what it points to %s', ([, code]) => {
    expect(titles(code)).toEqual([]);
  });
});

const COLLECTED = `typedef struct { PyObject_HEAD PyObject *a, *b; } Box;
static int visit(Box *self, visitproc visit, void *arg) { Py_VISIT(self->a); return 0; }
static void Box_dealloc(PyObject *op) {
BODY
    Py_TYPE(op)->tp_free(op);
}
static PyTypeObject Box_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "m.Box", .tp_basicsize = sizeof(Box), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = Box_dealloc, .tp_traverse = (traverseproc)visit, .tp_new = PyType_GenericNew,
};`;

describe('a collected object is untracked', () => {
  test('before the first reference is given up', () => {
    const body = '    Box *self = (Box *)op;\n    Py_CLEAR(self->a);\n    Py_CLEAR(self->b);';
    const [fix] = fixesOf(COLLECTED.replace('BODY', body));
    expect(fix?.title).toBe('Call PyObject_GC_UnTrack(op) first');
    expect(fix?.result).toContain(
      '    Box *self = (Box *)op;\n    PyObject_GC_UnTrack(op);\n    Py_CLEAR(self->a);\n',
    );
  });

  test('but not inside of a branch', () => {
    const body = '    Box *self = (Box *)op;\n    if (self->b) { Py_CLEAR(self->a); }';
    expect(titles(COLLECTED.replace('BODY', body))).toEqual([]);
  });
});

test.each([
  ['a comment of 40 kB', `/* ${'word '.repeat(8_000)}*/`],
  [
    'a table of 4,000 numbers',
    `static const int table[] = {${'12345, '.repeat(4_000)}};\n    use(table);`,
  ],
  [
    'a table of 4,000 names',
    `static const int table[] = {${'one, '.repeat(4_000)}};\n    use(table);`,
  ],
])('%s takes no fix from its function', (_, long) => {
  const leak =
    'int f(int n) {\n    char *p = PyMem_Malloc(40);\n    if (p == NULL) return -1;\n    BODY\n    use(n);\n    if (n > 3) return -1;\n    PyMem_Free(p);\n    return 0;\n}';
  expect(titles(leak)).not.toEqual([]);
  expect(titles(leak.replace('BODY', long))).toEqual(titles(leak));
});
