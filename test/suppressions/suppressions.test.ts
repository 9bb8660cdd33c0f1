// Comments that suppress findings: which lines each form is for, and which names.
import { describe, expect, test } from 'vitest';
import { NO_FLAGS, settingsFrom } from '../../server/config/project.ts';
import { RULES } from '../../server/rules/index.ts';
import { applySuppressions, remarksOn } from '../../server/suppressions/apply.ts';
import { covers, suppressionsIn } from '../../server/suppressions/suppression.ts';
import { applyFix } from '../check/apply-fix.ts';
import { FINDING } from '../cli/sample-report.ts';

/** Lines, from 1, on which a finding of the rule is suppressed. */
function lines(text: string, rule = 'double-free'): number[] {
  const found = suppressionsIn('a.c', text);
  return text
    .split('\n')
    .map((_, index) => index + 1)
    .filter((line) => found.some((one) => covers(one, rule, { line, endLine: line })));
}

function reason(text: string): string | undefined {
  return suppressionsIn('a.c', text)[0]?.reason;
}

describe('own comments', () => {
  test.each([
    ['behind code, its line', 'a;\nb; // pymem-lint: ignore[double-free] why\nc;', [2]],
    ['alone, the next code', '// pymem-lint: ignore[double-free] why\n\n// more\nb;\nc;', [4]],
    ['in a block comment', 'a;\n/* pymem-lint: ignore[double-free]\n   a long why */\nb;\nc;', [4]],
    ['without rules, all', 'a; /* pymem-lint: ignore: why */', [1]],
    ['of another rule', 'a; // pymem-lint: ignore[memory-leak] why', []],
    ['of several rules', 'a; // pymem-lint: ignore[memory-leak, double-free] why', [1]],
    ['for the file', 'a;\n/* pymem-lint: ignore-file[double-free] why */\nb;', [1, 2, 3]],
    ['in a string', 'f("// pymem-lint: ignore[double-free]");', []],
    ['after a quote in a character', "c = '\"'; // pymem-lint: ignore[double-free] why", [1]],
    ['behind a URL', 's = "http://x"; // pymem-lint: ignore[double-free] why', [1]],
    ['with Windows line ends', 'a;\r\nb; // pymem-lint: ignore[double-free] why\r\nc;', [2]],
  ])('%s', (_, text, expected) => {
    expect(lines(text)).toEqual(expected);
  });

  test('for a function, before it and inside it', () => {
    const before =
      'int x;\n/* pymem-lint: ignore-function[double-free] why */\nstatic void\nf(void)\n{\n}\nvoid g(void)\n{\n}\n';
    expect(lines(before)).toEqual([3, 4, 5, 6]);
    const inside =
      'void f(void)\n{\n  // pymem-lint: ignore-function[double-free] why\n  g();\n}\nvoid h(void)\n{\n}\n';
    expect(lines(inside)).toEqual([1, 2, 3, 4, 5]);
    expect(
      lines('/* pymem-lint: ignore-function[double-free] why */\nint x;\nvoid f(void)\n{\n}\n'),
    ).toEqual([]);
  });

  test('have a reason', () => {
    expect(reason('// pymem-lint: ignore[double-free] the pool is libc here')).toBe(
      'the pool is libc here',
    );
    expect(reason('// pymem-lint: ignore[double-free]: the pool')).toBe('the pool');
    expect(reason('// pymem-lint: ignore -- the pool')).toBe('the pool');
    expect(reason('/* pymem-lint: ignore[double-free]\n * \n*/')).toBe('*');
  });

  test('are for a call over several lines, at its start or its end', () => {
    const [one] = suppressionsIn('a.c', 'free(\n  p); // pymem-lint: ignore[double-free] why\n');
    expect(one && covers(one, 'double-free', { line: 1, endLine: 2 })).toBe(true);
  });
});

describe('NOLINT', () => {
  test.each([
    ['all checks', 'a; // NOLINT\nb;', [1]],
    ['with a reason', 'a; // NOLINT: generated', [1]],
    ['a rule', 'a; // NOLINT(double-free)', [1]],
    ['a rule with our name', 'a; // NOLINT(pymem-lint-double-free)', [1]],
    ['all of ours', 'a; // NOLINT(pymem-lint)', [1]],
    ['a pattern', 'a; // NOLINT(bugprone-x, pymem-lint-*)', [1]],
    ['every check by pattern', 'a; // NOLINT(*)', [1]],
    ["another tool's check", 'a; // NOLINT(bugprone-unused)', []],
    ['an empty list', 'a; // NOLINT()', []],
    ['the next line', '// NOLINTNEXTLINE(double-free)\nb;\nc;', [2]],
    [
      'a range',
      'a;\n// NOLINTBEGIN(double-free)\nb;\nc;\n// NOLINTEND(double-free)\nd;',
      [2, 3, 4, 5],
    ],
    ['a range that nobody ends', '// NOLINTBEGIN\nb;\n', []],
    [
      'ranges inside each other',
      '// NOLINTBEGIN(x)\n// NOLINTBEGIN\nb;\n// NOLINTEND\n// NOLINTEND(x)',
      [2, 3, 4],
    ],
    ['an end of another list', '// NOLINTBEGIN(double-free)\nb;\n// NOLINTEND\n', []],
    ['a longer word', 'a; // NOLINTFOO', []],
    ['in a block comment of several lines', 'a; /* x\n NOLINT */ b;\nc;', [2]],
  ])('%s', (_, text, expected) => {
    expect(lines(text)).toEqual(expected);
  });
});

describe('remarks', () => {
  const settings = settingsFrom(null, '/p/a.c', { ...NO_FLAGS, cwd: '/p' });
  const remarks = (text: string, more = {}) => {
    const found = suppressionsIn('a.c', text);
    return remarksOn(found, new Set(), { ...settings, ...more }, RULES);
  };
  const messages = (text: string, more = {}) => remarks(text, more).map(({ message }) => message);

  test('on what suppresses nothing', () => {
    expect(messages('a; // pymem-lint: ignore[double-free] why')).toEqual([
      'unused suppression of double-free: nothing is reported on line 1',
    ]);
    expect(messages('a; // NOLINT(pymem-lint-double-free)')).toHaveLength(1);
    expect(messages('/* pymem-lint: ignore-function[double-free] why */ int x;')).toEqual([
      'no function follows that this suppression could be for',
    ]);
  });

  test('on a range that nobody ends, where it is for rules of ours', () => {
    const message = 'no NOLINTEND with the same list ends what this begins: it suppresses nothing';
    const text = 'a;\n// NOLINTBEGIN(double-free)\nb;\n// NOLINTEND\n';
    expect(messages(text)).toEqual([message]);
    expect(remarks(text)[0]?.at).toMatchObject({ line: 2 });
    expect(messages('// NOLINTBEGIN(double-free)\n// NOLINTBEGIN(double-free)\n')).toHaveLength(2);
    expect(messages('// NOLINTBEGIN\n// NOLINTBEGIN(bugprone-x)\n')).toEqual([]);
  });

  test('but not on what may be for others, or for rules that were not looked for', () => {
    for (const text of ['NOLINT', 'NOLINT(*)', 'NOLINT(bugprone-x)']) {
      expect(messages(`a; // ${text}`)).toEqual([]);
    }
    const off = { select: ['memory-leak'] };
    expect(messages('a; // pymem-lint: ignore[double-free] why', off)).toEqual([]);
  });

  test('on a rule that is not there', () => {
    expect(messages('a; // pymem-lint: ignore[doubel-free] why')).toEqual([
      "there is no rule 'doubel-free' to ignore. Did you mean 'double-free'?",
    ]);
  });

  test('on a missing reason, when one is asked for', () => {
    const text = 'a; // pymem-lint: ignore[double-free]';
    expect(messages(text, { requireReason: true })).toContain('this suppression gives no reason');
  });

  test('can be acted on: the comment goes', () => {
    const text = 'a; // pymem-lint: ignore[double-free] why\nb;';
    const [fix] = remarks(text)[0]?.fixes ?? [];
    expect(fix && applyFix(text, fix)).toBe('a; \nb;');
  });
});

test('a suppressed finding keeps the reason', () => {
  const text = '/* pymem-lint: ignore-file[mismatched-free] both are malloc here */';
  const found = suppressionsIn('src/fill.c', text);
  const { kept, suppressed, used } = applySuppressions([FINDING], () => found);
  expect(kept).toEqual([]);
  expect(suppressed).toEqual([{ finding: FINDING, reason: 'both are malloc here' }]);
  expect([...used]).toEqual(found);
});
