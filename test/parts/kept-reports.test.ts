// A check that takes what was explored before from a store finds what a check from scratch finds, byte by byte, whatever
// was edited in between; and explores only what depends on the edit.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { array, assert, asyncProperty, constantFrom, double, nat, record } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { check, type SourceFile } from '../../server/check.ts';
import { ReportFiles } from '../../server/cli/report-files.ts';
import { checkInParts } from '../../server/parts/check-in-parts.ts';
import type { ReportStore } from '../../server/parts/kept-reports.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { ACROSS } from './across.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures');
const NAMES = ['fields.c', 'wrappers.c', 'type-slots.c', 'callbacks.c', 'goto-ladders.c'];
const PROGRAM: readonly SourceFile[] = [
  ...ACROSS,
  ...readdirSync(FIXTURES)
    .filter((name) => NAMES.includes(name))
    .map((file) => ({ file, text: readFileSync(path.join(FIXTURES, file), 'utf8') })),
];
const SETTINGS: Settings = { ...DEFAULT_SETTINGS, minConfidence: 'possible' };

const folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-kept-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

class MemoryStore implements ReportStore {
  readonly texts = new Map<string, string>();
  /** Since the last check. */
  written = 0;

  read(name: string): string | null {
    return this.texts.get(name) ?? null;
  }

  write(name: string, text: string): void {
    this.texts.set(name, text);
    this.written++;
  }

  prune(): void {}
}

async function found(
  files: readonly SourceFile[],
  store: ReportStore,
  settings = SETTINGS,
): Promise<string> {
  const options = { helpers: [], store, tell: () => undefined };
  return JSON.stringify(await checkInParts(files, parser, settings, options));
}

function scratch(files: readonly SourceFile[], settings = SETTINGS): string {
  return JSON.stringify(check(files, parser, settings));
}

interface Edit {
  readonly kind:
    | 'insert line'
    | 'delete line'
    | 'duplicate line'
    | 'replace word'
    | 'add function'
    | 'rename'
    | 'delete file'
    | 'add file'
    | 'rename file'
    | 'settings';
  readonly file: number;
  /** 0 to 1: how far in the text. */
  readonly where: number;
  readonly word: string;
}

const WORDS = [
  'free',
  'PyMem_Free',
  'malloc',
  'take',
  'give',
  'free(p);',
  '/* note */',
  '}',
  'return;',
  '#define free(p) PyMem_Free(p)',
  '#include "box.h"',
  '#if 0',
  'self->release = free;',
  'Widget_Type.tp_free = PyObject_Del;',
];

const edits = array(
  record<Edit>({
    kind: constantFrom<Edit['kind'][]>(
      'insert line',
      'delete line',
      'duplicate line',
      'replace word',
      'add function',
      'rename',
      'delete file',
      'add file',
      'rename file',
      'settings',
    ),
    file: nat(100),
    where: double({ min: 0, max: 0.999, noNaN: true }),
    word: constantFrom(...WORDS),
  }),
  { minLength: 2, maxLength: 6 },
);

interface World {
  readonly files: readonly SourceFile[];
  readonly settings: Settings;
}

function edited({ files, settings }: World, edit: Edit): World {
  const { kind, where, word } = edit;
  const index = edit.file % Math.max(1, files.length);
  const source = files[index];
  if (source === undefined) return { files: PROGRAM, settings };
  const others = files.filter((_, i) => i !== index);
  const withText = (text: string): World => ({
    files: files.map((each, i) => (i === index ? { ...each, text } : each)),
    settings,
  });
  const lines = source.text.split('\n');
  const line = Math.floor(where * lines.length);
  switch (kind) {
    case 'insert line':
      return withText(lines.toSpliced(line, 0, word).join('\n'));
    case 'delete line':
      return withText(lines.toSpliced(line, 1).join('\n'));
    case 'duplicate line':
      return withText(lines.toSpliced(line, 0, lines[line]!).join('\n'));
    case 'replace word':
      return withText(lines.with(line, lines[line]!.replace(/\w+/, word)).join('\n'));
    case 'add function':
      return withText(
        `${source.text}\nvoid *take(int n) { char *p = malloc(n); ${word} return p; }\n`,
      );
    case 'rename': {
      const called = [...source.text.matchAll(/\b([a-z_]{3,})\s*\(/g)];
      const name = called[Math.floor(where * called.length)]?.[1] ?? 'take';
      return withText(source.text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `${name}_2`));
    }
    case 'delete file':
      return { files: others, settings };
    case 'add file':
      return {
        files: [...files, { file: `added-${edit.file}-${where}.c`, text: source.text }],
        settings,
      };
    case 'rename file':
      return { files: [...others, { ...source, file: `m-${source.file}` }], settings };
    case 'settings': {
      const ignore = settings.ignore.length > 0 ? [] : ['memory-leak'];
      return { files, settings: { ...settings, ignore } };
    }
  }
}

const TRIALS = process.env['PYMEM_LINT_EDITS'];

test('finds what a check from scratch finds, after any edits', async () => {
  const store = new MemoryStore();
  await found(PROGRAM, store);
  await assert(
    asyncProperty(edits, async (each) => {
      let world: World = { files: PROGRAM, settings: SETTINGS };
      for (const edit of each) {
        world = edited(world, edit);
        // oxlint-disable-next-line no-await-in-loop -- one edit after the other
        const kept = await found(world.files, store, world.settings);
        expect(kept).toBe(scratch(world.files, world.settings));
      }
    }),
    // `PYMEM_LINT_EDITS=100` for a long trial of other edits.
    TRIALS === undefined ? { numRuns: 8, seed: 1 } : { numRuns: Number(TRIALS) },
  );
});

test('explores what depends on an edit, and nothing else', async () => {
  const store = new MemoryStore();
  const before = await found(PROGRAM, store);
  const all = store.written;
  expect(all).toBeGreaterThan(5);
  store.written = 0;
  expect(await found(PROGRAM, store)).toBe(before);
  expect(store.written).toBe(0);
  const after = PROGRAM.map((each) =>
    each.file === 'goto-ladders.c' ? { ...each, text: `/* new */\n${each.text}` } : each,
  );
  await found(after, store);
  expect(store.written).toBe(1);
});

test('takes nothing from files that are damaged, and keeps within its bounds', async () => {
  const store = new ReportFiles(folder, 'program');
  const right = await found(PROGRAM, store);
  const names = readdirSync(folder);
  expect(names.length).toBeGreaterThan(5);
  for (const [i, name] of names.entries()) {
    const file = path.join(folder, name);
    const text = readFileSync(file, 'utf8');
    const damaged = ['', text.slice(0, 200), text.replace('malloc', 'calloc'), 'no report'];
    writeFileSync(file, damaged[i % damaged.length]!);
  }
  expect(await found(PROGRAM, store)).toBe(right);
  expect(await found(PROGRAM, new ReportFiles(folder, 'another program'))).toBe(right);
  const small = new ReportFiles(folder, 'small', { files: 3, bytes: 2 ** 20 });
  expect(await found(PROGRAM, small)).toBe(right);
  expect(readdirSync(folder).length).toBe(3);
  expect(await found(PROGRAM, new ReportFiles('/dev/null/x', 'nowhere'))).toBe(right);
});
