// A check cut into steps finds what a check in one run finds; a plan is the same after an edit that has nothing
// to do with its file.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { check, type SourceFile } from '../../server/check.ts';
import { checkInParts } from '../../server/parts/check-in-parts.ts';
import { indexText, readIndex } from '../../server/parts/index-file.ts';
import { explorePlan, link, type LinkInput } from '../../server/parts/steps.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { ACROSS } from './across.ts';

const FOLDER = path.join(import.meta.dirname, '../fixtures');
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => /\.c(?:pp)?$/.test(name))
  .map((file) => ({ file, text: readFileSync(path.join(FOLDER, file), 'utf8') }));
const SETTINGS: Settings = { ...DEFAULT_SETTINGS, select: ['all'], minConfidence: 'possible' };

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

/** By file: what each step wrote. */
interface Steps {
  readonly indexes: ReadonlyMap<string, string>;
  readonly plans: ReadonlyMap<string, string>;
  readonly reports: ReadonlyMap<string, string>;
}

function inSteps(files: readonly SourceFile[]): Steps {
  const indexes = new Map(files.map((source) => [source.file, indexText(source, parser)]));
  const inputs = Array.from(indexes, ([file, text]): LinkInput => {
    return { ...readIndex(text), path: `${file}.idx` };
  });
  const plans = link(inputs, parser, []);
  const reports = new Map<string, string>();
  for (const [file, plan] of plans) {
    const texts = new Map(Array.from(indexes, ([name, text]) => [`${name}.idx`, text]));
    const read = explorePlan(plan, parser, ({ index }) => readIndex(texts.get(index)!));
    reports.set(file, read);
  }
  const planTexts = Array.from(plans, ([file, plan]) => [file, JSON.stringify(plan)] as const);
  return { indexes, plans: new Map(planTexts), reports };
}

async function concluded(
  files: readonly SourceFile[],
  { indexes, reports }: Steps,
): Promise<string> {
  const made = {
    indexes: new Map(Array.from(indexes, ([file, text]) => [file, readIndex(text)])),
    reports: [...reports.values()],
  };
  const result = await checkInParts(files, parser, SETTINGS, { helpers: [], made, tell: () => {} });
  return JSON.stringify(result);
}

test('finds what one run finds', async () => {
  const files = [...ACROSS, ...FIXTURES];
  const whole = check(files, parser, SETTINGS);
  expect(whole.findings.length).toBeGreaterThan(300);
  expect(await concluded(files, inSteps(files))).toBe(JSON.stringify(whole));
});

test('writes the same bytes for the same bytes', () => {
  expect(inSteps(ACROSS)).toEqual(inSteps(ACROSS));
});

test('plans anew what an edit can change, and nothing else', () => {
  const before = inSteps(ACROSS);
  const changedBy = (name: string, from: string, to: string): string[] => {
    const edited = ACROSS.map((source) =>
      source.file === name ? { ...source, text: source.text.replace(from, to) } : source,
    );
    expect(edited).not.toEqual(ACROSS);
    const { plans } = inSteps(edited);
    return [...plans.keys()].filter((file) => plans.get(file) !== before.plans.get(file));
  };
  // Nobody calls what is in it.
  expect(changedBy('across/a-dealloc.c', 'free(p)', 'give(p)')).toEqual(['across/a-dealloc.c']);
  // Both others call it.
  expect(changedBy('across/z-take.c', 'PyMem_Malloc', 'malloc')).toEqual([
    'across/z-take.c',
    'across/init.c',
    'across/a-dealloc.c',
  ]);
});
