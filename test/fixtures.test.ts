// The C files of test/fixtures: every finding needs an annotation, every annotation a finding, whichever
// parser reads the text.
import { beforeAll, describe, expect, test } from 'vitest';
import { RULES } from '../server/rules/index.ts';
import { loadParser } from '../server/syntax/load-parser.ts';
import type { Parser } from '../server/syntax/parser.ts';
import { annotationsOf, namedFunctions } from './check/annotations.ts';
import { compileErrors, hasPythonHeaders } from './check/compiler.ts';
import { announced, checkText, readFixtures, reported } from './check/fixture.ts';

const fixtures = readFixtures();
const ruleIds: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));
const parsers = new Map<string, Parser>();

beforeAll(async () => {
  for (const backend of ['native', 'wasm'] as const)
    parsers.set(backend, await loadParser({ backend }));
});

function parserOf(backend: 'native' | 'wasm'): Parser {
  const parser = parsers.get(backend);
  if (parser === undefined) throw new Error(`no ${backend} parser`);
  return parser;
}

describe.each(fixtures)('$name', ({ name, text, annotations, compiles }) => {
  test('is reported as annotated', () => {
    const { findings } = checkText(text, parserOf('native'), name);
    expect(reported(findings)).toEqual(announced(annotations));
    for (const { kind, line, rule, text: part } of annotations) {
      if (kind !== 'expect') continue;
      const messages = findings.filter((each) => each.at.line === line && each.rule === rule);
      expect(messages.map(({ message }) => message).join('\n'), `line ${line}`).toContain(part);
    }
  });

  test('is read whole', () => {
    const { skipped } = checkText(text, parserOf('native'), name);
    expect(skipped.map(({ function: skippedFunction }) => skippedFunction)).toEqual(
      KNOWN_SKIPS[name] ?? [],
    );
  });

  test('gives the same findings through both parsers', () => {
    expect(checkText(text, parserOf('wasm'), name)).toEqual(
      checkText(text, parserOf('native'), name),
    );
  });

  test('is named for what it holds', () => {
    expect(annotations.filter(({ rule }) => !ruleIds.has(rule))).toEqual([]);
    for (const { name: called, from, to } of namedFunctions(text)) {
      const inside = annotations.filter(({ line }) => line >= from && line <= to);
      const defects = inside.filter(({ kind }) => kind !== 'FP');
      expect(defects.length > 0, called).toBe(called.endsWith('_bad'));
    }
  });

  test.runIf(compiles && hasPythonHeaders())('compiles', () => {
    expect(compileErrors(text)).toEqual([]);
  });
});

/** Functions that the analyzer leaves out, by fixture. */
const KNOWN_SKIPS: Readonly<Record<string, readonly string[]>> = {};

test('the silent cases outweigh the reported ones', () => {
  const functions = fixtures.flatMap(({ text }) => namedFunctions(text));
  const silent = functions.filter(({ name }) => name.endsWith('_ok')).length;
  expect(silent).toBeGreaterThan(functions.length / 2);
});

test('every rule has a fixture', () => {
  const covered = new Set(
    fixtures.flatMap(({ annotations }) =>
      annotations.filter(({ kind }) => kind === 'expect').map(({ rule }) => rule),
    ),
  );
  expect([...ruleIds].filter((id) => !covered.has(id))).toEqual([]);
});

describe('annotations', () => {
  test('several on one line', () => {
    const text = 'f(p); // expect: double-free "twice" // FN: use-after-free not followed';
    expect(annotationsOf(text)).toEqual([
      { kind: 'expect', line: 1, rule: 'double-free', text: 'twice' },
      { kind: 'FN', line: 1, rule: 'use-after-free', text: 'not followed' },
    ]);
  });

  test.each([
    ['without a reason', 'f(p); // FP: double-free'],
    ['without quotes', 'f(p); // expect: double-free twice'],
    ['without a rule', 'f(p); // expect: '],
    ['without a space', 'f(p); //expect: double-free'],
  ])('%s are refused', (_, text) => {
    expect(() => annotationsOf(text)).toThrow(/line 1/);
  });
});
