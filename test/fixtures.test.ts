// The C and C++ files of test/fixtures: every finding needs an annotation, every annotation a finding, whichever
// parser reads the text.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../server/finding.ts';
import { compatible, distinct } from '../server/fixes/edits-together.ts';
import { RULES } from '../server/rules/index.ts';
import { loadParser } from '../server/syntax/load-parser.ts';
import type { Parser } from '../server/syntax/parser.ts';
import { annotationsOf, namedFunctions } from './check/annotations.ts';
import { applyFix } from './check/apply-fix.ts';
import { compileErrors, needsPythonHeaders } from './check/compiler.ts';
import { observedIn } from './check/observed.ts';
import { announced, checkText, readFixtures, reported } from './check/fixture.ts';

const fixtures = readFixtures();
const ruleIds: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));
const OBSERVED = new Map(RULES.map(({ id, observed }) => [id, observed]));
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

  test('is read alike with the line ends of Windows', () => {
    const { findings, skipped } = checkText(
      text.replaceAll('\n', '\r\n'),
      parserOf('native'),
      name,
    );
    expect(reported(findings)).toEqual(announced(annotations));
    expect(skipped.map((each) => each.function)).toEqual(KNOWN_SKIPS[name] ?? []);
  });

  test('gives the same findings through both parsers', () => {
    expect(checkText(text, parserOf('wasm'), name)).toEqual(
      checkText(text, parserOf('native'), name),
    );
  });

  test('shows in a replay what its rule says, where it is rightly reported', () => {
    const wrong = annotations.filter(({ kind }) => kind === 'FP').map(({ line }) => line);
    const unseen = checkText(text, parserOf('native'), name)
      .findings.filter(({ at }) => !wrong.includes(at.line))
      .filter(({ rule, flaggedPath }) => observedIn(flaggedPath) !== OBSERVED.get(rule));
    expect(reported(unseen)).toEqual([]);
  });

  test('loses a finding by each of its fixes, and gains none', () => {
    const { findings } = checkText(text, parserOf('native'), name);
    const useless = findings.filter((finding) =>
      finding.fixes.some((fix) => {
        const fixed = applyFix(text, fix);
        const left = placed(fixed, checkText(fixed, parserOf('native'), name).findings);
        // A fix of both ends of a block may take two along.
        const expected = placed(
          text,
          findings.filter((each) => each !== finding),
        );
        return left.some((each) => countOf(each, left) > countOf(each, expected));
      }),
    );
    expect(namesOf(text, useless)).toEqual(USELESS_FIXES[name] ?? []);
  });

  test('is named for what it holds', () => {
    expect(annotations.filter(({ rule }) => !ruleIds.has(rule))).toEqual([]);
    for (const { name: called, from, to } of namedFunctions(text)) {
      const inside = annotations.filter(({ line }) => line >= from && line <= to);
      const defects = inside.filter(({ kind }) => kind !== 'FP');
      expect(defects.length > 0, called).toBe(called.endsWith('_bad'));
    }
  });

  if (!compiles) return;
  needsPythonHeaders().test('compiles, before and after all fixes', () => {
    expect(compileErrors(text, name)).toEqual([]);
    const { findings } = checkText(text, parserOf('native'), name);
    // The first fix of each finding together, then the second of each.
    for (const nth of [0, 1]) {
      const fixes = compatible(
        findings.flatMap((finding) => finding.fixes[nth] ?? []),
        (fix) => fix.edits,
      );
      const edits = distinct(fixes.flatMap((fix) => fix.edits));
      if (edits.length === 0) continue;
      expect(compileErrors(applyFix(text, { edits }), name)).toEqual([]);
    }
  });
});

/** The function and the rule of each: lines move with a fix. */
function placed(text: string, findings: readonly Finding[]): readonly string[] {
  const functions = namedFunctions(text);
  return findings.map(({ at, rule }) => {
    const holder = functions.find(({ from, to }) => at.line >= from && at.line <= to);
    return `${holder?.name ?? ''} ${rule}`;
  });
}

function countOf(wanted: string, all: readonly string[]): number {
  return all.filter((each) => each === wanted).length;
}

/** The functions that hold the findings, each once, in the order of lines. */
function namesOf(text: string, findings: readonly Finding[]): readonly string[] {
  return namedFunctions(text)
    .filter(({ from, to }) => findings.some(({ at }) => at.line >= from && at.line <= to))
    .map(({ name }) => name);
}

/** Functions with a fix that leaves its finding or brings another, by fixture. */
const USELESS_FIXES: Readonly<Record<string, readonly string[]>> = {
  // The other half of the condition comes from a header.
  'conditional-compilation.c': ['by_version_bad'],
  // Resized by the right function, the only pointer is still overwritten when that fails.
  'realloc.c': ['mixed_bad', 'reallocarray_bad'],
};

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
