// A check that knows the one before finds what a check from scratch finds, whatever was edited in between.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { array, assert, constantFrom, double, nat, property, record } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { CheckMemory } from '../../server/check-memory.ts';
import { check, type CheckResult, type SourceFile } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

const FOLDER = path.join(import.meta.dirname, '../fixtures');
const TEXTS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.c'))
  .map((name) => readFileSync(path.join(FOLDER, name), 'utf8'));
const HEADER = `#define RELEASE(p) free(p)
typedef struct { char *data; int size; } Box;
static inline void box_clear(Box *box) { free(box->data); box->data = 0; }
`;
const MAIN = `#include "box.h"
static char *make(int n) { return malloc(n); }
static void unmake(char *p) { RELEASE(p); }
void use(int n) {
    char *p = make(n);
    unmake(p);
    unmake(p);
}
void fill(Box *box, int n) {
    box->data = PyMem_Malloc(n);
    box_clear(box);
}
`;
const SETTINGS = { ...DEFAULT_SETTINGS, minConfidence: 'possible' as const };

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

function found({ findings, skipped }: CheckResult): unknown {
  return JSON.parse(JSON.stringify({ findings, skipped }));
}

/** What people and tools do to a text: lines are added, removed and moved, names and numbers changed. */
interface Edit {
  readonly kind: 'insert line' | 'delete line' | 'duplicate line' | 'replace word' | 'insert text';
  /** 0 to 1: how far in the text. */
  readonly where: number;
  readonly word: string;
}

const WORDS = [
  'free',
  'PyMem_Free',
  'malloc',
  'p',
  'x = 1;',
  'free(p);',
  '/* note */',
  '{',
  '}',
  '"',
  'return;',
  '#define free(p) PyMem_Free(p)',
  '#if 0',
  '#endif',
  '',
  'static void f(void) {}',
  'self->release = free;',
  'Widget_Type.tp_free = PyObject_Del;',
];

const edits = array(
  record<Edit>({
    kind: constantFrom(
      'insert line',
      'delete line',
      'duplicate line',
      'replace word',
      'insert text',
    ),
    where: double({ min: 0, max: 1, noNaN: true }),
    word: constantFrom(...WORDS),
  }),
  { minLength: 1, maxLength: 6 },
);

function apply(text: string, { kind, where, word }: Edit): string {
  const at = Math.floor(where * text.length);
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at) + 1;
  switch (kind) {
    case 'insert line':
      return `${text.slice(0, start)}    ${word}\n${text.slice(start)}`;
    case 'delete line':
      return text.slice(0, start) + text.slice(end);
    case 'duplicate line':
      return text.slice(0, end) + text.slice(start, end) + text.slice(end);
    case 'replace word':
      return text.slice(0, at) + text.slice(at).replace(/\w+/, () => word);
    case 'insert text':
      return text.slice(0, at) + word + text.slice(at);
  }
}

function expectTheSame(
  before: readonly SourceFile[],
  steps: readonly (readonly SourceFile[])[],
): void {
  const memory = new CheckMemory();
  check(before, parser, SETTINGS, memory);
  for (const files of steps) {
    const known = check(files, parser, SETTINGS, memory);
    expect(found(known)).toEqual(found(check(files, parser, SETTINGS)));
  }
}

test('after random edits of a file', () => {
  assert(
    property(nat(TEXTS.length - 1), edits, (index, all) => {
      let text = TEXTS[index]!;
      const steps = all.map((edit) => {
        text = apply(text, edit);
        return [{ file: 'a.c', text }];
      });
      expectTheSame([{ file: 'a.c', text: TEXTS[index]! }], steps);
    }),
    { numRuns: Number(process.env.MEMORY_RUNS ?? 20), seed: 1 },
  );
});

test('after random edits of a header and of the file that includes it', () => {
  assert(
    property(edits, edits, (ofMain, ofHeader) => {
      let main = MAIN;
      let header = HEADER;
      const files = (): SourceFile[] => [
        { file: 'main.c', text: main },
        { file: 'box.h', text: header },
      ];
      const steps = [ofMain, ofHeader].flatMap((all, i) =>
        all.map((edit) => {
          if (i === 0) main = apply(main, edit);
          else header = apply(header, edit);
          return files();
        }),
      );
      expectTheSame(
        [
          { file: 'main.c', text: MAIN },
          { file: 'box.h', text: HEADER },
        ],
        steps,
      );
    }),
    { numRuns: 25, seed: 2 },
  );
});

test('an edit in a header checks anew what depends on it', () => {
  const memory = new CheckMemory();
  const lines = (header: string): number[] =>
    check(
      [
        { file: 'main.c', text: MAIN },
        { file: 'box.h', text: header },
      ],
      parser,
      SETTINGS,
      memory,
    )
      .findings.filter(({ at }) => at.file === 'main.c')
      .map(({ at }) => at.line);
  const before = lines(HEADER);
  expect(before).toEqual([7, 11]);
  const repaired = HEADER.replace('free(p)', 'PyMem_Free(p)');
  expect(lines(repaired)).not.toEqual(before);
  expect(lines(HEADER)).toEqual(before);
});

function body(i: number, extra: string): string {
  return `static void f${i}(int n) {\n    char *p = malloc(n);\n    ${extra}\n    PyMem_Free(p);\n}\n`;
}

function bodies(extra: string): string {
  return Array.from({ length: 20 }, (_, i) => body(i, i === 7 ? extra : '')).join('\n');
}

test('an edit in one function explores that one and what depends on it', () => {
  const memory = new CheckMemory();
  const run = (extra: string): CheckResult =>
    check([{ file: 'a.c', text: bodies(extra) }], parser, SETTINGS, memory);
  run('');
  const parses: string[] = [];
  const counting: Parser = {
    ...parser,
    in: () => counting,
    parse: (source) => {
      parses.push(source);
      return parser.parse(source);
    },
  };
  const after = check(
    [{ file: 'a.c', text: bodies('n++;\n    n--;') }],
    counting,
    SETTINGS,
    memory,
  );
  expect(parses).toHaveLength(1);
  expect(parses[0]).toContain('f7');
  expect(after.findings).toHaveLength(20);
  expect(after.findings.at(-1)!.at.line).toBe(run('').findings.at(-1)!.at.line + 1);
});

/** Bytes of JavaScript values that are still in use. */
function heapInUse(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect: () => void = vm.runInNewContext('gc');
  collect();
  return v8.getHeapStatistics().used_heap_size;
}

test('the texts before an edit are not kept', () => {
  const memory = new CheckMemory();
  const text = `${bodies('')}/* ${'a long remark '.repeat(40_000)} */\n`;
  const places = Array.from(text.matchAll(/^ {4}[^#/*\n]*;$/gm), (m) => m.index + m[0].length);
  const run = (edited: string): void => {
    expect(check([{ file: 'a.c', text: edited }], parser, SETTINGS, memory).skipped).toEqual([]);
  };
  // A letter is typed, then taken back.
  const edit = (i: number): void => {
    const at = places[(i * 7919) % places.length]!;
    run(`${text.slice(0, at)};${text.slice(at)}`);
    run(`${text.slice(0, at)}${text.slice(at)}`);
  };
  run(text);
  for (let i = 0; i < 10; i++) edit(i);
  const before = heapInUse();
  const count = 30;
  for (let i = 10; i < 10 + count; i++) edit(i);
  expect(heapInUse() - before).toBeLessThan((count / 6) * text.length);
});
