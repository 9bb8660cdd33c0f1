// Fixes of blocks that are lost: the release that they bring, how they fit it into the text, and where the text is not
// sure enough for one.
import { describe, expect, test } from 'vitest';
import { replaysClean } from '../../server/fixes/replays-clean.ts';
import { allFixed, fixesOf } from './fixes-of.ts';

const method = (body: string, before = ''): string =>
  `${before}PyObject *f(PyObject *self, PyObject *arg)\n{\n${body}\n}\n`;

/** The block is lost at the exit. */
const lost = (exit: string): string =>
  method(`    char *p = PyMem_Malloc(8);
    if (p == NULL)
        return PyErr_NoMemory();
    ${exit}
    PyMem_Free(p);
    Py_RETURN_NONE;`);

describe('a block that is lost where the function returns is released before', () => {
  test.for([
    [
      'a condition without braces',
      'if (arg == NULL)\n        return NULL;',
      'if (arg == NULL) {\n        PyMem_Free(p);\n        return NULL;\n    }',
    ],
    [
      'all on one line',
      'if (arg == NULL) return NULL;',
      'if (arg == NULL) {\n        PyMem_Free(p);\n        return NULL;\n    }',
    ],
    [
      'braces on one line',
      'if (arg == NULL) { return NULL; }',
      'if (arg == NULL) { PyMem_Free(p); return NULL; }',
    ],
    [
      'a comment behind',
      'if (arg == NULL)  // no ä\n        return NULL;  /* 漢字 */',
      'if (arg == NULL) {  // no ä\n        PyMem_Free(p);\n        return NULL;  /* 漢字 */\n    }',
    ],
    [
      'another branch behind',
      'if (arg == NULL) return NULL;\n    else puts("x");',
      'if (arg == NULL) {\n        PyMem_Free(p);\n        return NULL;\n    }\n    else puts("x");',
    ],
    [
      'a value that needs the block',
      'if (p[0])\n        return PyLong_FromLong(p[0]);',
      'if (p[0]) {\n        PyObject *result = PyLong_FromLong(p[0]);\n        PyMem_Free(p);\n        return result;\n    }',
    ],
    [
      'an error number that a release may change',
      'if (arg == NULL) {\n        return PyErr_SetFromErrno(PyExc_OSError);\n    }',
      'if (arg == NULL) {\n        PyObject *result = PyErr_SetFromErrno(PyExc_OSError);\n        PyMem_Free(p);\n        return result;\n    }',
    ],
    [
      'a macro that returns',
      'if (arg == NULL)\n        Py_RETURN_FALSE;',
      'if (arg == NULL) {\n        PyMem_Free(p);\n        Py_RETURN_FALSE;\n    }',
    ],
    [
      'a case',
      'switch (p[0]) {\n    case 1: return NULL;\n    }',
      'switch (p[0]) {\n    case 1: PyMem_Free(p); return NULL;\n    }',
    ],
  ] as const)('%s', ([, before, after]) => {
    const [fix, ...others] = fixesOf(lost(before));
    expect(fix?.result).toBe(lost(after));
    expect(fix?.isSafe).toBe(true);
    expect(replaysClean(fix?.path ?? null)).toBe(true);
    expect(others).toEqual([]);
    expect(fixesOf(fix?.result ?? '')).toEqual([]);
  });

  test('in tabs, and several in one function', () => {
    const before = method(`\tchar *a, *b;
\tif (!(a = malloc(8)))
\t\treturn PyErr_NoMemory();
\tb = malloc(8);
\tif (b == NULL)
\t\treturn PyErr_NoMemory();
\tif (arg == NULL)
\t\treturn NULL;
\tfree(a);
\tfree(b);
\tPy_RETURN_NONE;`);
    const after = allFixed(before);
    expect(after).toContain(
      '\tif (b == NULL) {\n\t\tfree(a);\n\t\treturn PyErr_NoMemory();\n\t}\n',
    );
    expect(after).toMatch(
      /\tif \(arg == NULL\) \{\n(?:\t\tfree\([ab]\);\n){2}\t\treturn NULL;\n\t\}\n/,
    );
  });

  test('at the end of a function that returns nothing', () => {
    const [fix] = fixesOf(
      'void f(size_t n)\n{\n    char *p = malloc(n);\n    if (p) p[0] = 0;\n}\n',
    );
    expect(fix?.result).toContain('    if (p) p[0] = 0;\n    free(p);\n}\n');
  });

  test('in a loop, and beside cases that release it', () => {
    const looping = fixesOf(
      method(`    for (int i = 0; i < 9; i++) {
        char *p = PyMem_Malloc(8);
        if (p == NULL) return PyErr_NoMemory();
        if (PyObject_Size(arg) == i) return NULL;
        PyMem_Free(p);
    }
    Py_RETURN_NONE;`),
    );
    expect(looping[0]?.result).toContain(
      '== i) {\n            PyMem_Free(p);\n            return NULL;\n        }\n',
    );
    const [switching] = fixesOf(`const char *f(int n)
{
    char *p = malloc(n);
    if (!p) return NULL;
    switch (n) {
    case 1:
        free(p);
        break;
    case 2:
        return "two";
    default:
        free(p);
        return "d";
    }
    return "one";
}
`);
    expect(switching?.result).toContain('    case 2:\n        free(p);\n        return "two";\n');
  });

  test('at an error exit, where the pointer starts as NULL', () => {
    const [fix] = fixesOf(
      method(`    char *p = NULL;
    if (arg == NULL)
        goto fail;
    p = PyMem_Malloc(8);
    if (p == NULL)
        goto fail;
    if (PyObject_Size(arg) < 0)
        goto fail;
    PyMem_Free(p);
    Py_RETURN_NONE;
fail:
    return NULL;`),
    );
    expect(fix?.result).toContain('fail:\n    PyMem_Free(p);\n    return NULL;\n');
  });

  test.for([
    [
      'the pointer may be without a value there',
      `    char *p;
    if (arg == NULL)
        goto fail;
    p = PyMem_Malloc(8);
    if (p == NULL || PyObject_Size(arg) < 0)
        goto fail;
    PyMem_Free(p);
    Py_RETURN_NONE;
fail:
    return NULL;`,
    ],
    [
      'another path has released it',
      `    char *p = PyMem_Malloc(8);
    if (p == NULL) return PyErr_NoMemory();
    if (PyObject_IsTrue(arg)) PyMem_Free(p);
    else puts("x");
    return NULL;`,
    ],
    [
      'another name is declared in between',
      `    char *p = PyMem_Malloc(8);
    if (p == NULL) return PyErr_NoMemory();
    { char *p = "x"; if (PyObject_IsTrue(arg)) { puts(p); return NULL; } }
    PyMem_Free(p);
    Py_RETURN_NONE;`,
    ],
    [
      'the pointer was copied',
      `    char *p = PyMem_Malloc(8);
    if (p == NULL) return PyErr_NoMemory();
    char *q = p;
    if (PyObject_IsTrue(arg)) return NULL;
    PyMem_Free(q);
    Py_RETURN_NONE;`,
    ],
    [
      'a macro that nobody knows may jump there from where it is released',
      `    char *p = PyMem_Malloc(8);
    if (p == NULL) return PyErr_NoMemory();
    if (PyObject_IsTrue(arg)) { PyMem_Free(p); BAIL_IF(1); }
    if (PyObject_Size(arg) < 0) goto fail;
    PyMem_Free(p);
    Py_RETURN_NONE;
fail:
    return NULL;`,
    ],
    [
      'a macro between decides what is compiled',
      `    char *p = PyMem_Malloc(8);
    if (p == NULL) return PyErr_NoMemory();
#ifdef X
    PyMem_Free(p);
    p = NULL;
#endif
    if (PyObject_IsTrue(arg)) return NULL;
    PyMem_Free(p);
    Py_RETURN_NONE;`,
    ],
  ] as const)('not where %s', ([, body]) => {
    const titles = fixesOf(method(body)).map(({ title }) => title);
    expect(titles.filter((title) => title.startsWith('Release '))).toEqual([]);
  });
});

test('a block that was made for an argument gets a name', () => {
  const [fix] = fixesOf(
    method('    if (arg)\n        return Py_BuildValue("s", strdup("a"));\n    return NULL;'),
  );
  expect(fix?.result).toContain(`    if (arg) {
        char *copy = strdup("a");
        PyObject *result = Py_BuildValue("s", copy);
        free(copy);
        return result;
    }
`);
  const token = 'void f(const char *s) { char *t = strtok(strdup(s), " "); if (t) puts(t); }';
  expect(fixesOf(token)).toEqual([]);
});
