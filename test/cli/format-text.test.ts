// The text formats as a person reads them.
import { describe, expect, test } from 'vitest';
import { displayLine, printable } from '../../server/cli/display-text.ts';
import { formatConcise } from '../../server/cli/formats/concise.ts';
import { findingText, formatFull } from '../../server/cli/formats/full.ts';
import { COLORED, PLAIN, wantsColor } from '../../server/cli/terminal.ts';
import { FINDING, reportOf } from './sample-report.ts';

const noPage = () => {
  throw new Error('a text is no page');
};
const plain = { colors: PLAIN, isQuiet: false, withVerdict: false, columns: null, page: noPage };

describe('text', () => {
  test('one frame per file with the numbered path, the fix and a summary', () => {
    expect(formatFull(reportOf(FINDING), plain)).toMatchInlineSnapshot(`
      "error[mismatched-free]: 'buf' from PyMem_Malloc is released by free
        --> src/fill.c:11:2
         |
       7 |     char *buf = make_buffer(64);
         |                 --------------- 1: calls make_buffer
       8 |     if (buf == NULL)
         |         ----------- 3: is false
      ...
      11 |     free(buf);
         |     ^^^^^^^^^ 4: released by the C library
         |
        ::: src/buffer.h:1:45
         |
       1 | static char *make_buffer(size_t n) { return PyMem_Malloc(n); }
         |                                             --------------- 2: memory of the PyMem domain
         |
         = help: Release with PyMem_Free
      11 -     free(buf);
      11 +     PyMem_Free(buf);

      1 finding in 2 files. 1 fixable with --fix.
      To see one on the simulated heap: pymem-lint replay src/fill.c:11
      "
    `);
  });

  test('quiet leaves out the summary; no findings leave nothing', () => {
    expect(formatFull(reportOf(FINDING), { ...plain, isQuiet: true })).not.toContain('1 finding');
    expect(formatFull(reportOf(), { ...plain, isQuiet: true })).toBe('');
    expect(formatFull(reportOf(), plain)).toBe('No findings in 2 files.\n');
  });

  test('colors change nothing but escape sequences', () => {
    const colored = formatFull(reportOf(FINDING), { ...plain, colors: COLORED });
    expect(colored).toContain('\u001B[31m');
    // oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
    expect(colored.replaceAll(/\u001B\[\d+m/g, '')).toBe(formatFull(reportOf(FINDING), plain));
  });

  test('a path that does not end at the finding still marks the finding', () => {
    const finding = { ...FINDING, path: FINDING.path.slice(0, 2) };
    const lines = findingText(finding, reportOf(finding), plain).split('\n');
    expect(lines.filter((line) => line.includes('^^^'))).toHaveLength(1);
  });

  test('steps that a loop repeats share a label', () => {
    const [enter, ...rest] = FINDING.path;
    const finding = { ...FINDING, path: [enter!, ...rest.slice(0, -1), enter!, rest.at(-1)!] };
    const text = findingText(finding, reportOf(finding), plain);
    expect(text).toContain('- 1, 4: calls make_buffer');
    expect(text).toContain('^ 5: released');
  });

  test('a line of 200,000 characters is cut around the span', () => {
    const line = `${'x'.repeat(150_000)} free(buf); ${'y'.repeat(50_000)}`;
    const at = { ...FINDING.at, line: 1, endLine: 1, column: 150_002, endColumn: 150_011 };
    const finding = { ...FINDING, at, path: [], fixes: [] };
    const text = findingText(finding, { linesOf: () => [line] }, plain);
    const shown = text.split('\n').find((row) => row.includes('free(buf)')) ?? '';
    const marks = text.split('\n').find((row) => row.includes('^^^')) ?? '';
    expect(shown.length).toBeLessThan(140);
    expect(marks.indexOf('^')).toBe(shown.indexOf('free(buf)'));
    expect(marks).toContain('^'.repeat(9));
  });

  test('escape sequences of a source file do not reach the terminal', () => {
    const at = { ...FINDING.at, line: 1, endLine: 1, column: 1, endColumn: 5 };
    const finding = { ...FINDING, at, path: [], fixes: [], message: 'from \u001B[2J' };
    const text = findingText(finding, { linesOf: () => ['free(\u001B]0;x\u0007p);'] }, plain);
    expect(text).not.toContain('\u001B');
    expect(text).toContain('free(␛]0;x␇p);');
  });
});

test('concise: one line in the shape compilers use', () => {
  expect(formatConcise(reportOf(FINDING), plain)).toBe(
    "src/fill.c:11:2: error: 'buf' from PyMem_Malloc is released by free [mismatched-free]\n",
  );
});

describe('display width', () => {
  test('tabs, wide and combining characters', () => {
    expect(displayLine('\tx').text).toBe('    x');
    expect(displayLine('ab\tx').cells).toEqual([0, 1, 2, 4, 5]);
    expect(displayLine('名x').cells).toEqual([0, 2, 3]);
    expect(displayLine('e\u0301x').cells).toEqual([0, 1, 1, 2]);
    expect(displayLine('😀x').cells).toEqual([0, 0, 2, 3]);
  });

  test('text direction cannot be overridden', () => {
    expect(printable('a\u202Eb')).toBe('a\uFFFDb');
  });
});

test('color only where it is wanted', () => {
  expect(wantsColor({}, true)).toBe(true);
  expect(wantsColor({}, false)).toBe(false);
  expect(wantsColor({ NO_COLOR: '1' }, true)).toBe(false);
  expect(wantsColor({ NO_COLOR: '' }, true)).toBe(true);
  expect(wantsColor({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(true);
  expect(wantsColor({ FORCE_COLOR: '0' }, true)).toBe(false);
  expect(wantsColor({ TERM: 'dumb' }, true)).toBe(false);
});

test('a label that does not fit the terminal stands below its mark', () => {
  const text = formatFull(reportOf(FINDING), { ...plain, columns: 52 });
  const lines = text.split('\n').filter((line) => /^ *\d* \|/.test(line));
  expect(lines.every((line) => line.length <= 52)).toBe(true);
  expect(text).toContain('   |     ^^^^^^^^^ 4: released by the C library\n');
  expect(text).toMatch(/\n {3}\| +-+\n {3}\| +2: memory of the PyMem domain\n/);
});
