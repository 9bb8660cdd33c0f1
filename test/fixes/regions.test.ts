// Calls that are moved out of a region without a thread state, and those that must stay where they are.
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

/** What the fixes that move a call make of the text; each has removed its finding, and replays clean. */
function moved(code: string): readonly string[] {
  const text = `#include <Python.h>\n${code}`;
  const { findings } = checkText(text, parser);
  return findings.flatMap(({ fixes }) =>
    fixes
      .filter(({ title }) => title.startsWith('Move the call'))
      .map((fix) => {
        const result = applyFix(text, fix);
        expect(checkText(result, parser).findings).toHaveLength(findings.length - 1);
        expect(replaysClean(fix.path)).toBe(true);
        return result.split('\n').slice(1).join('\n');
      }),
  );
}

test('an allocation goes before the region, with its declaration and its comment', () => {
  expect(
    moved(`static unsigned sum(FILE *from) {
    unsigned total = 0;
    Py_BEGIN_ALLOW_THREADS
    unsigned char *page = PyMem_Malloc(4096); /* one page */
    if (page != NULL)
        total = add(page, from);
    keep(page);
    Py_END_ALLOW_THREADS
    return total;
}`),
  ).toEqual([
    `static unsigned sum(FILE *from) {
    unsigned total = 0;
    unsigned char *page = PyMem_Malloc(4096); /* one page */
    Py_BEGIN_ALLOW_THREADS
    if (page != NULL)
        total = add(page, from);
    keep(page);
    Py_END_ALLOW_THREADS
    return total;
}`,
  ]);
});

test('a release goes behind the region', () => {
  expect(
    moved(`static size_t drain(FILE *from, size_t size) {
    size_t total = 0, n;
    char *buf = PyMem_Malloc(size);
    if (buf == NULL)
        return 0;
    PyThreadState *saved = PyEval_SaveThread();
    while ((n = fread(buf, 1, size, from)) > 0)
        total += n;
    PyMem_Free(buf);
    fclose(from);
    PyEval_RestoreThread(saved);
    return total;
}`),
  ).toEqual([
    `static size_t drain(FILE *from, size_t size) {
    size_t total = 0, n;
    char *buf = PyMem_Malloc(size);
    if (buf == NULL)
        return 0;
    PyThreadState *saved = PyEval_SaveThread();
    while ((n = fread(buf, 1, size, from)) > 0)
        total += n;
    fclose(from);
    PyEval_RestoreThread(saved);
    PyMem_Free(buf);
    return total;
}`,
  ]);
});

test('a reference is dropped behind the region', () => {
  const [result] = moved(`static void wait_for(PyObject *lock) {
    Py_BEGIN_ALLOW_THREADS
    Py_DECREF(lock);
    sleep(1);
    Py_END_ALLOW_THREADS
}`);
  expect(result).toContain('    Py_END_ALLOW_THREADS\n    Py_DECREF(lock);\n}');
});

/** A function with these lines between the macros. */
function region(...lines: readonly string[]): string {
  return `void use(char *); int work(void);
static int f(size_t n, char *given) {
    char *p = NULL;
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS
    ${lines.join('\n    ')}
    Py_END_ALLOW_THREADS
    use(p);
    return failed;
}`;
}

describe('a call stays where', () => {
  test.for<readonly [string, string]>([
    ['its size is made in the region', region('n = work();', 'p = PyMem_Malloc(n);')],
    ['another call comes first', region('work();', 'p = PyMem_Malloc(n);')],
    ['a condition decides', region('if (n > 8)', '    p = PyMem_Malloc(n);')],
    ['a block decides', region('if (n > 8) {', '    p = PyMem_Malloc(n);', '}')],
    ['it stands in a loop', region('while (work())', '    PyMem_Free(given);')],
    ['the name is declared a second time', region('char *p = PyMem_Malloc(n);', 'use(p);')],
    ['the pointer changes behind it', region('PyMem_Free(given);', 'given = NULL;')],
    ['the pointer is of the region', region('char *q = p;', 'PyMem_Free(q);')],
    ['the region is left behind it', region('PyMem_Free(given);', 'if (work()) goto out;', 'out:')],
    ['its line holds more', region('PyMem_Free(given); work();')],
    ['it is not the whole statement', region('failed = (p = PyMem_Malloc(n)) == NULL;')],
    [
      'the region begins under a condition',
      'int f(int n) { PyThreadState *s = NULL;\nif (n)\n    s = PyEval_SaveThread();\nchar *p = PyMem_Malloc(8);\nuse(p);\nif (n)\n    PyEval_RestoreThread(s);\nreturn 0; }',
    ],
    [
      'the region ends under a condition',
      'void f(int n, char *p) {\nPyThreadState *s = PyEval_SaveThread();\nPyMem_Free(p);\nif (n)\n    PyEval_RestoreThread(s);\n}',
    ],
    ['the preprocessor decides', region('#ifdef A', 'PyMem_Free(given);', '#endif')],
  ])('%s', ([, code]) => {
    expect(moved(code)).toEqual([]);
  });
});
