// A check by several threads finds what a check by one finds, down to the last byte: whoever explores what, in
// whatever order the files come, and when a thread is lost on the way.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { check, type SourceFile } from '../../server/check.ts';
import { checkInParts } from '../../server/parts/check-in-parts.ts';
import { help } from '../../server/parts/help.ts';
import type { FromHelper } from '../../server/parts/messages.ts';
import type { Helper } from '../../server/parts/team.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { ACROSS } from './across.ts';

const FOLDER = path.join(import.meta.dirname, '../fixtures');
const WANTED = /alias|callback|detach|field|helper|pointer|protocol|recurs|slot|summar|thread|type/;
const SETTINGS: Settings = { ...DEFAULT_SETTINGS, select: ['all'], minConfidence: 'possible' };

const FILES = [
  ...ACROSS,
  ...readdirSync(FOLDER)
    .filter((name) => name.endsWith('.c') && WANTED.test(name))
    .map((file) => ({ file, text: readFileSync(path.join(FOLDER, file), 'utf8') })),
];

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

const NOBODY = (): void => undefined;

/** Of what it would say: what it says no more of, or ends instead of saying. */
interface Fate {
  readonly mutes?: (message: FromHelper) => boolean;
  readonly endsAt?: (message: FromHelper) => boolean;
  /** Before that it is not ready. */
  readonly starts?: Promise<void>;
}

/** A helper in this thread. */
function helper({ mutes, endsAt, starts }: Fate = {}): Helper {
  let listener: (message: FromHelper | null) => void = NOBODY;
  let isThere = true;
  const hear = help({
    loadParser: async (backend) => {
      await starts;
      return loadParser({ backend });
    },
    post: (message) => {
      if (!isThere || mutes?.(message) === true) return;
      isThere = endsAt?.(message) !== true;
      listener(isThere ? structuredClone(message) : null);
    },
    fail: (error) => {
      throw error;
    },
  });
  return {
    send: (message) => {
      if (isThere) hear(structuredClone(message));
    },
    listen: (listens) => (listener = listens),
    end: () => (isThere = false),
  };
}

/** Whether it is the third of its kind. */
function third(kind: FromHelper['kind']): (message: FromHelper) => boolean {
  let count = 0;
  return (message) => message.kind === kind && ++count === 3;
}

function shuffled(files: readonly SourceFile[], seed: number): SourceFile[] {
  const key = ({ text }: SourceFile): number => (text.length * seed) % 1009;
  return files.toSorted((a, b) => key(a) - key(b));
}

test('finds the same with one, two and three threads, in any order of the files', async () => {
  for (const [threads, seed] of [
    [1, 7],
    [2, 7],
    [3, 31],
  ] as const) {
    const files = shuffled(FILES, seed);
    const helpers = Array.from({ length: threads - 1 }, () => helper());
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const parts = await checkInParts(files, parser, SETTINGS, { helpers, tell: () => undefined });
    const whole = check(files, parser, SETTINGS);
    expect(whole.findings.length).toBeGreaterThan(50);
    expect(JSON.stringify(parts)).toBe(JSON.stringify(whole));
  }
});

test.each<[string, () => Fate]>([
  ['ends before it is ready', () => ({ endsAt: () => true })],
  ['ends with files in hand', () => ({ endsAt: third('parsed') })],
  ['ends when it has all files', () => ({ endsAt: ({ kind }) => kind === 'explored' })],
  ['ends as it explores', () => ({ endsAt: third('explored') })],
  ['never says what it has parsed', () => ({ mutes: ({ kind }) => kind === 'parsed' })],
  ['is never ready', () => ({ starts: new Promise<void>(NOBODY) })],
  ['is ready late', () => ({ starts: setTimeout(300) })],
])('loses nothing when a helper %s', async (_, fate) => {
  const helpers = [helper(fate()), helper()];
  const parts = await checkInParts(FILES, parser, SETTINGS, { helpers, tell: () => undefined });
  expect(JSON.stringify(parts)).toBe(JSON.stringify(check(FILES, parser, SETTINGS)));
});

test('knows what the project declares of its functions', async () => {
  const functions: Settings['functions'] = [
    { name: 'own_alloc', role: 'alloc', family: 'py-mem', releasesWith: ['PyMem_Free'] },
  ];
  const settings = { ...SETTINGS, functions };
  const files = [
    { file: 'a.c', text: 'void f(void) { char *p = own_alloc(8); free(p); }\n' },
    {
      file: 'b.c',
      text: 'void *own_alloc(int);\nvoid g(void) { char *p = own_alloc(8); free(p); }\n',
    },
  ];
  const parts = await checkInParts(files, parser, settings, {
    helpers: [helper(), helper()],
    tell: () => undefined,
  });
  expect(parts.findings.filter(({ rule }) => rule === 'mismatched-free')).toHaveLength(2);
  expect(JSON.stringify(parts)).toBe(JSON.stringify(check(files, parser, settings)));
});
