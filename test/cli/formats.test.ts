// The formats for other programs, each held against its schema or read by a parser of its own.
import Ajv from 'ajv';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FORMATS, type FormatName } from '../../server/cli/formats/index.ts';
import { pageParts } from '../../server/cli/page-bundles.ts';
import { PLAIN } from '../../server/cli/terminal.ts';
import type { Finding } from '../../server/finding.ts';
import { FINDING, reportOf } from './sample-report.ts';
import { GITLAB_SCHEMA, RDJSON_SCHEMA } from './format-schemas.ts';

const OPTIONS = {
  colors: PLAIN,
  isQuiet: false,
  withVerdict: false,
  columns: null,
  page: () => ({ panel: pageParts('panel()', 'p {}'), list: pageParts('list()', 'l {}') }),
};

/** What breaks formats: quotes, markup, control characters, other scripts, halves of surrogate pairs. */
const NASTY: Finding = {
  ...FINDING,
  severity: 'warning',
  confidence: 'likely',
  message: '"a" <b> & \'c\' | `d` ]]> %0A ::x\u0007\u{1F600}\uD800 é, end',
};

function written(format: FormatName, ...findings: readonly Finding[]): string {
  return FORMATS[format](reportOf(...findings), OPTIONS);
}

const ajv = new Ajv({ allErrors: true });

describe('every format', () => {
  test.each(Object.entries(FORMATS))('%s ends with a line break, or is empty', (_, format) => {
    for (const findings of [[], [FINDING], [FINDING, NASTY]]) {
      const text = format(reportOf(...findings), OPTIONS);
      expect(text === '' || text.endsWith('\n')).toBe(true);
      // oxlint-disable-next-line no-control-regex -- none may reach a terminal
      expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F]/);
    }
  });
});

test('gcc: a line for the finding and a note for each step', () => {
  expect(written('gcc', NASTY).split('\n').slice(1)).toEqual([
    'src/fill.c:7:14: note: (1) calls make_buffer',
    'src/buffer.h:1:45: note: (2) memory of the PyMem domain',
    'src/fill.c:8:6: note: (3) is false',
    'src/fill.c:11:2: note: (4) released by the C library',
    '',
  ]);
  expect(written('gcc', FINDING)).toContain(
    "src/fill.c:11:2: error: 'buf' from PyMem_Malloc is released by free [mismatched-free]\n",
  );
});

test('grouped: under the name of the file, aligned', () => {
  expect(written('grouped', FINDING, NASTY).split('\n').slice(0, 2)).toEqual([
    'src/fill.c',
    "  11:2  error    'buf' from PyMem_Malloc is released by free  mismatched-free",
  ]);
});

test('json-lines: an object a line', () => {
  const lines = written('json-lines', FINDING, NASTY).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).message)).toEqual([FINDING.message, NASTY.message]);
});

test('github: annotations on one line each, escaped', () => {
  const [first, second, rest] = written('github', FINDING, NASTY).split('\n');
  expect(first).toMatch(
    /^::error title=pymem-lint \(mismatched-free\),file=src\/fill\.c,line=11,endLine=11,col=2,endColumn=11::'buf' from .*%0A1\. src\/fill\.c:7: calls/,
  );
  expect(second).toMatch(/^::warning .*::.* %250A ::x/);
  expect(rest).toBe('');
});

test('github: what the runner reads is what was meant, whatever is in names', () => {
  const at = { ...FINDING.at, file: 'a,b:c %2C=d.c' };
  const told = workflowCommand(written('github', { ...FINDING, at, path: [] }).trimEnd());
  expect(told).toMatchObject({
    command: 'error',
    properties: { title: 'pymem-lint (mismatched-free)', file: at.file, line: `${at.line}` },
    data: FINDING.message,
  });
});

/** As actions/runner reads a line: the properties end at the next `::`, and only then is anything unescaped. */
function workflowCommand(line: string) {
  const [, command = '', properties = '', data = ''] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  const pairs = properties.split(',').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name, unescaped(value.join('='))];
  });
  return { command, properties: Object.fromEntries(pairs), data: unescaped(data) };
}

function unescaped(text: string): string {
  return text.replaceAll(/%(3A|2C|0D|0A|25)/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

test('gitlab: as its documentation has the report', () => {
  const issues: { readonly fingerprint: string }[] = JSON.parse(
    written('gitlab', FINDING, { ...FINDING }, NASTY),
  );
  const isValid = ajv.validate(GITLAB_SCHEMA, issues);
  expect(isValid ? [] : ajv.errors).toEqual([]);
  expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  expect(JSON.parse(written('gitlab'))).toEqual([]);
});

test('rdjson: as reviewdog has it, columns in bytes', () => {
  const log: unknown = JSON.parse(written('rdjson', FINDING, NASTY));
  const isValid = ajv.validate(RDJSON_SCHEMA, log);
  expect(isValid ? [] : ajv.errors).toEqual([]);
  expect(log).toMatchObject({
    diagnostics: [
      {
        severity: 'ERROR',
        location: {
          path: 'src/fill.c',
          range: { start: { line: 11, column: 2 }, end: { line: 11, column: 11 } },
        },
        suggestions: [{ text: 'PyMem_Free' }],
      },
      { severity: 'WARNING' },
    ],
  });
});

/** What Jenkins lets stand in such a file (xunit-plugin, junit-10.xsd), as far as we use it: required, allowed. */
const JUNIT = {
  testsuites: [[], ['name', 'tests', 'failures', 'errors', 'time']],
  testsuite: [
    ['name', 'tests', 'failures', 'errors'],
    ['skipped', 'time', 'timestamp', 'hostname', 'file'],
  ],
  testcase: [['name'], ['classname', 'time']],
  failure: [[], ['type', 'message']],
};

/** Read by Python's XML parser; fails for what is not well formed, or not in the table. */
function read(xml: string): unknown {
  const script = `
import sys, json, xml.etree.ElementTree as tree
allowed = json.loads(sys.argv[1])
root = tree.fromstring(sys.stdin.buffer.read())
assert root.tag == "testsuites"
for element in root.iter():
    required, optional = map(set, allowed[element.tag])
    assert required <= set(element.keys()) <= required | optional, (element.tag, element.keys())
print(json.dumps({"tests": int(root.get("tests")), "failures": int(root.get("failures")), "suites": [
  {"name": s.get("name"), "tests": int(s.get("tests")), "failures": int(s.get("failures")),
   "cases": [[c.get("classname"), c.get("name"), [f.get("message") for f in c.findall("failure")]] for c in s.findall("testcase")]}
  for s in root.findall("testsuite")]}))`;
  const python = ['-c', script, JSON.stringify(JUNIT)];
  return JSON.parse(execFileSync('python3', python, { input: xml, encoding: 'utf8' }));
}

describe('junit', () => {
  test('is a suite for each file and a failed case for each finding', () => {
    expect(read(written('junit', FINDING, NASTY))).toEqual({
      tests: 2,
      failures: 2,
      suites: [
        {
          name: 'src/fill.c',
          tests: 2,
          failures: 2,
          cases: [
            ['src/fill.c', 'mismatched-free at line 11, column 2', [FINDING.message]],
            [
              'src/fill.c',
              'mismatched-free at line 11, column 2',
              [NASTY.message.replace('\u0007', '\uFFFD').replace('\uD800', '\uFFFD')],
            ],
          ],
        },
      ],
    });
  });

  test('has a case that passed when nothing is found', () => {
    expect(read(written('junit'))).toMatchObject({ tests: 1, failures: 0 });
  });
});

describe('markdown', () => {
  test('is a table and the details of each finding', () => {
    const text = written('markdown', FINDING, NASTY);
    expect(text).toContain('## pymem-lint: 2 findings in 2 files\n');
    expect(text).toContain(
      "| error | `src/fill.c:11` | 'buf' from PyMem\\_Malloc is released by free | `mismatched-free` |",
    );
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.map((row) => row.replaceAll(/\\./g, '').split('|').length)).toEqual([6, 6, 6]);
    expect(text.replaceAll(/```text[\s\S]*?```/g, '')).not.toContain('<b>');
  });
});

test('markdown: of many findings the first, as GitHub takes no more than 1 MiB', () => {
  const many = Array.from({ length: 5000 }, () => FINDING);
  const text = written('markdown', ...many);
  expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
  const shown = text.split('<details>').length - 1;
  expect(shown).toBeGreaterThan(500);
  expect(text).toContain(`\n${(5000 - shown).toLocaleString('en-US')} more findings, too long`);
});

describe('html', () => {
  test('stands alone and holds every path', () => {
    const text = written('html', FINDING, NASTY);
    expect(text).not.toMatch(/(?:src|href)="(?!#)/);
    const json = /<script type="application\/json" id="findings">(.*?)<\/script>/.exec(text)?.[1];
    const shown: unknown = JSON.parse(json ?? 'null');
    expect(shown).toMatchObject([{ path: FINDING.flaggedPath }, { path: FINDING.flaggedPath }]);
  });
});
