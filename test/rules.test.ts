// The examples that every rule shows: the bad ones are reported on their lines and show in a replay, the
// good ones are silent, all are C, and applying a fix removes the finding.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../server/finding.ts';
import { RULES } from '../server/rules/index.ts';
import { loadParser } from '../server/syntax/load-parser.ts';
import type { Parser } from '../server/syntax/parser.ts';
import { annotationsOf } from './check/annotations.ts';
import { applyFix } from './check/apply-fix.ts';
import { compileErrors, needsPythonHeaders } from './check/compiler.ts';
import { observedIn } from './check/observed.ts';
import { announced, checkText, reported } from './check/fixture.ts';

let parser: Parser;

beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

describe.each(RULES)('$id', (rule) => {
  const selecting = rule.isOffByDefault === true ? `\n// select: ${rule.id}\n` : '';
  const findingsOf = (text: string): readonly Finding[] =>
    checkText(text + selecting, parser).findings;

  test('documents a defect and its repair', () => {
    expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(rule.bad.length).toBeGreaterThan(0);
    expect(rule.good.length).toBeGreaterThan(0);
    expect(rule.references.length).toBeGreaterThan(0);
    expect(rule.summary).not.toMatch(/^[A-Z]|\.$/);
  });

  test('has a fix for each bad example, or says why one has none', () => {
    const unfixed = rule.bad.filter((text) =>
      findingsOf(text).some(({ fixes }) => fixes.length === 0),
    );
    expect(unfixed.length).toBe(rule.noFix === undefined ? 0 : 1);
  });

  describe.each(rule.bad.map((text, index) => ({ text, name: `bad example ${index + 1}` })))(
    '$name',
    ({ text }) => {
      test('is reported on its lines, by this rule', () => {
        const annotations = annotationsOf(text);
        expect(annotations.length).toBeGreaterThan(0);
        expect(
          annotations.filter((each) => each.kind !== 'expect' || each.rule !== rule.id),
        ).toEqual([]);
        expect(reported(findingsOf(text))).toEqual(announced(annotations));
      });

      test('shows in a replay what the rule says', () => {
        for (const { flaggedPath } of findingsOf(text))
          expect(observedIn(flaggedPath)).toBe(rule.observed);
      });

      test('tells its path in order, the last note at the finding', () => {
        for (const { at, path, flaggedPath } of findingsOf(text)) {
          expect(path.at(-1)?.at).toEqual(at);
          expect(flaggedPath.rule).toBe(rule.id);
          expect(flaggedPath.steps[flaggedPath.fault]?.at).toEqual(at);
        }
      });

      test('is silent once a fix is applied', () => {
        for (const finding of findingsOf(text))
          for (const fix of finding.fixes) {
            const others = findingsOf(text).filter((each) => each.at.line !== finding.at.line);
            const left = findingsOf(applyFix(text, fix));
            expect(reported(others), fix.title).toEqual(
              expect.arrayContaining([...reported(left)]),
            );
          }
      });

      test('replays clean with a fix', () => {
        const paths = findingsOf(text).flatMap(({ fixes }) => fixes.map(({ path }) => path));
        for (const path of paths) expect(path && observedIn(path)).toBe('nothing');
      });

      needsPythonHeaders().test('compiles, with each fix too', () => {
        expect(compileErrors(text)).toEqual([]);
        for (const fix of findingsOf(text).flatMap(({ fixes }) => fixes))
          expect(compileErrors(applyFix(text, fix)), fix.title).toEqual([]);
      });
    },
  );

  describe.each(rule.good.map((text, index) => ({ text, name: `good example ${index + 1}` })))(
    '$name',
    ({ text }) => {
      test('is silent', () => {
        expect(annotationsOf(text)).toEqual([]);
        expect(reported(findingsOf(text))).toEqual([]);
      });

      needsPythonHeaders().test('compiles', () => {
        expect(compileErrors(text)).toEqual([]);
      });
    },
  );
});
