// A report with one finding over two files, as the analyzer would make it, for the tests of the formats.
import { NO_STATS } from '../../server/check.ts';
import type { Finding, PathNote } from '../../server/finding.ts';
import type { Report } from '../../server/cli/formats/report.ts';
import { sourceLines } from '../../server/cli/source-lines.ts';
import type { RuleDocs } from '../../server/rules/rule.ts';
import type { Span } from '../../simulator/flagged-path.ts';

const TEXTS: Record<string, string> = {
  'src/fill.c': [
    '#include <Python.h>',
    '#include "buffer.h"',
    '',
    'static PyObject *',
    'fill(PyObject *self, PyObject *args)',
    '{',
    '\tchar *buf = make_buffer(64);',
    '\tif (buf == NULL)',
    '\t\treturn PyErr_NoMemory();',
    '\tuse(buf);',
    '\tfree(buf);',
    '\tPy_RETURN_NONE;',
    '}',
    '',
  ].join('\n'),
  'src/buffer.h': 'static char *make_buffer(size_t n) { return PyMem_Malloc(n); }\n',
};

/** The span of the nth occurrence of `piece`, counted from 1. */
export function spanOf(file: string, piece: string, nth = 1): Span {
  const lines = (TEXTS[file] ?? '').split('\n');
  let seen = 0;
  for (const [index, line] of lines.entries()) {
    const column = line.indexOf(piece);
    if (column < 0 || ++seen < nth) continue;
    const start = { line: index + 1, column: column + 1 };
    return { file, ...start, endLine: start.line, endColumn: start.column + piece.length };
  }
  throw new Error(`${piece} is not in ${file}`);
}

function note(kind: PathNote['kind'], file: string, piece: string, message: string): PathNote {
  return { kind, at: spanOf(file, piece), message, depth: 0 };
}

export const RULE: RuleDocs = {
  id: 'mismatched-free',
  severity: 'error',
  summary: 'memory released by a function of another family',
  why: 'The C library does not know `PyMem` blocks.',
  fix: 'Release with the function of the same family.',
  references: ['https://docs.python.org/3/c-api/memory.html'],
  observed: 'fault',
  bad: ['void f(void) { char *p = PyMem_Malloc(8); free(p); }  // expect: mismatched-free'],
  good: ['void f(void) { char *p = PyMem_Malloc(8); PyMem_Free(p); }'],
};

const free = spanOf('src/fill.c', 'free(buf)');

export const FINDING: Finding = {
  rule: RULE.id,
  severity: 'error',
  confidence: 'definite',
  at: free,
  message: "'buf' from PyMem_Malloc is released by free",
  path: [
    note('enter', 'src/fill.c', 'make_buffer(64)', 'calls make_buffer'),
    note('alloc', 'src/buffer.h', 'PyMem_Malloc(n)', 'memory of the PyMem domain'),
    note('branch', 'src/fill.c', 'buf == NULL', 'is false'),
    { kind: 'free', at: free, depth: 0, message: 'released by the C library' },
  ],
  flaggedPath: {
    version: 1,
    rule: RULE.id,
    fault: 1,
    steps: [
      {
        kind: 'alloc',
        at: spanOf('src/buffer.h', 'PyMem_Malloc(n)'),
        text: 'return PyMem_Malloc(n);',
        block: 'buf@fill.c:7',
        pointer: 'buf',
        api: 'PyMem_Malloc',
        family: 'py-mem',
        size: { bytes: 64, source: 'n', chosen: false },
        zeroed: false,
        outcome: 'ok',
      },
      {
        kind: 'free',
        at: free,
        text: 'free(buf);',
        block: 'buf@fill.c:7',
        pointer: 'buf',
        api: 'free',
        family: 'libc',
        offset: 0,
      },
    ],
  },
  fixes: [
    {
      title: 'Release with PyMem_Free',
      edits: [{ at: { ...free, endColumn: free.column + 4 }, newText: 'PyMem_Free' }],
      isSafe: true,
      path: null,
    },
  ],
};

export function reportOf(...findings: readonly Finding[]): Report {
  return {
    findings,
    suppressed: [],
    skipped: [],
    stats: { ...NO_STATS, files: 2, lines: 15, functions: 2, steps: 20 },
    linesOf: sourceLines(new Map(Object.entries(TEXTS))),
    rules: [RULE],
    version: '1.2.3',
    replayPlace: findings[0] === undefined ? null : 'src/fill.c:11',
    cwd: '/project',
  };
}
