// The rule pages in the terminal and as Markdown.
import { describe, expect, test } from 'vitest';
import { ruleCommand } from '../../server/cli/rule-command.ts';
import { ruleMarkdown, rulesMarkdown } from '../../server/cli/rule-page.ts';
import { captured } from './captured-terminal.ts';
import { RULE } from './sample-report.ts';

const OTHER = { ...RULE, id: 'double-free', summary: 'memory released twice' };

function run(name: string | null, all = false): string {
  const terminal = captured();
  expect(ruleCommand({ name, all }, [RULE, OTHER], terminal)).toBe(0);
  return terminal.output();
}

describe('a page', () => {
  test('shows why, what instead, and the examples', () => {
    expect(run('mismatched-free')).toBe(
      [
        'mismatched-free',
        '',
        'Memory released by a function of another family.',
        '',
        'Severity: error.',
        '',
        'Why',
        '',
        'The C library does not know PyMem blocks.',
        '',
        'Instead',
        '',
        'Release with the function of the same family.',
        '',
        'Reported',
        '',
        '    void f(void) { char *p = PyMem_Malloc(8); free(p); }  // reported',
        '',
        'Not reported',
        '',
        `    ${RULE.good[0]}`,
        '',
        'References',
        '',
        '- <https://docs.python.org/3/c-api/memory.html>',
        '',
      ].join('\n'),
    );
  });

  test('says how a rule that is off by default is selected', () => {
    const page = ruleMarkdown({ ...RULE, isOffByDefault: true });
    expect(page).toContain(`\`--select default,${RULE.id}\``);
    expect(page).not.toMatch(/\$\{/);
  });

  test('takes the indentation of the code it is written in out of an example', () => {
    const rule = { ...RULE, bad: ['\n    void f(void) {\n      g();\n    }\n  '] };
    expect(ruleMarkdown(rule)).toContain('```c\nvoid f(void) {\n  g();\n}\n```');
  });
});

test('the list has one line per rule, `all` every page', () => {
  expect(run(null).trimEnd().split('\n')).toHaveLength(2);
  expect(run(null, true)).toContain('Memory released twice.');
  expect(rulesMarkdown([RULE, OTHER])).toContain('[`double-free`](double-free.md) | error |');
});

test('a wrong name is an error with the nearest one', () => {
  expect(() => run('mismatch-free')).toThrow(
    "there is no rule 'mismatch-free'. Did you mean 'mismatched-free'?",
  );
});
