// SARIF for services and viewers: valid, complete, stable under edits elsewhere in the file.
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { fingerprints, fingerprintsOf } from '../../server/cli/formats/fingerprint.ts';
import { formatSarif, sarifLog } from '../../server/cli/formats/sarif.ts';
import type { SourceLines } from '../../server/cli/source-lines.ts';
import { PLAIN } from '../../server/cli/terminal.ts';
import type { Finding } from '../../server/finding.ts';
import { FINDING, reportOf, spanOf } from './sample-report.ts';
import { SARIF_SCHEMA } from './sarif-schema.ts';

const ajv = addFormats(new Ajv({ allErrors: true }));
const validate = ajv.compile(SARIF_SCHEMA);

function print(finding: Finding, ...above: readonly string[]): string | undefined {
  const report = reportOf(finding);
  const linesOf: SourceLines = (file) => [...above, ...report.linesOf(file)];
  return fingerprints([finding], linesOf).get(finding);
}

function down(span: Finding['at']): Finding['at'] {
  return { ...span, line: span.line + 1 };
}

function errorsOf(log: unknown): unknown {
  return validate(log) ? [] : validate.errors;
}

describe('a log', () => {
  test('with findings, without, and with files left out is valid', () => {
    const skipped = [
      { file: 'a b.c', function: null, reason: 'not text' },
      { file: 'x.c', function: 'f', reason: 'too deep' },
    ];
    expect(errorsOf(sarifLog(reportOf(FINDING)))).toEqual([]);
    expect(errorsOf(sarifLog(reportOf()))).toEqual([]);
    expect(errorsOf(sarifLog({ ...reportOf(FINDING, FINDING), skipped }))).toEqual([]);
  });

  test('is rejected by the schema when something is wrong with it', () => {
    const [run] = sarifLog(reportOf(FINDING)).runs;
    expect(errorsOf({ version: '2.1.0', runs: [{ ...run, result: [] }] })).not.toEqual([]);
    expect(errorsOf({ version: '2.0.0', runs: [] })).not.toEqual([]);
  });

  test('is what the format writes', () => {
    const text = formatSarif(reportOf(FINDING), {
      colors: PLAIN,
      isQuiet: false,
      withVerdict: false,
      columns: null,
      page: () => {
        throw new Error('SARIF is no page');
      },
    });
    expect(JSON.parse(text)).toEqual(sarifLog(reportOf(FINDING)));
  });
});

describe('a result', () => {
  test('has at each step what became of each block', () => {
    const steps = sarifLog(reportOf(FINDING)).runs[0]?.results?.[0]?.codeFlows?.[0]?.threadFlows[0];
    expect(steps?.locations.map(({ state }) => state?.['buf']?.text)).toEqual([
      undefined,
      'live, memory of the PyMem domain',
      'live, memory of the PyMem domain',
      'released by free',
    ]);
  });

  test('that is suppressed says by what and why', () => {
    const suppressed = [
      { finding: FINDING, by: 'comment', reason: 'as intended' },
      { finding: { ...FINDING }, by: 'baseline', reason: '' },
    ] as const;
    const log = sarifLog({ ...reportOf({ ...FINDING }), suppressed });
    expect(errorsOf(log)).toEqual([]);
    expect(log.runs[0]?.results?.map(({ suppressions }) => suppressions)).toEqual([
      [],
      [{ kind: 'inSource', status: 'accepted', justification: 'as intended' }],
      [{ kind: 'external', status: 'accepted' }],
    ]);
  });

  test('says on request how it ends, as simulated', () => {
    const [run] = sarifLog(reportOf(FINDING), true).runs;
    expect(run?.results?.[0]?.properties).toMatchObject({
      confidence: 'definite',
      simulated: {
        model: expect.stringMatching(/^simulated/),
        verdict: expect.arrayContaining([expect.stringContaining('SIGABRT')]),
        ends: expect.arrayContaining(['dies here']),
      },
    });
    expect(errorsOf(sarifLog(reportOf(FINDING), true))).toEqual([]);
  });

  const [result] = sarifLog(reportOf(FINDING)).runs[0]?.results ?? [];

  test('has the path as a code flow, calls nested', () => {
    const steps = result?.codeFlows?.[0]?.threadFlows[0]?.locations ?? [];
    expect(steps.map((step) => step.location?.message?.text)).toEqual([
      'calls make_buffer',
      'memory of the PyMem domain',
      'is false',
      'released by the C library',
    ]);
    expect(steps.map((step) => step.nestingLevel)).toEqual([0, 1, 1, 1]);
    expect(steps.map((step) => step.kinds?.[0])).toEqual(['call', 'acquire', 'branch', 'release']);
  });

  test('points at its rule, its place and its fix', () => {
    expect(result?.ruleIndex).toBe(0);
    expect(result?.locations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'src/fill.c', uriBaseId: 'SRCROOT' },
      region: {
        startLine: 11,
        startColumn: 2,
        endLine: 11,
        endColumn: 11,
        snippet: { text: 'free(buf)' },
      },
      contextRegion: {
        startLine: 9,
        endLine: 13,
        snippet: {
          text: '\t\treturn PyErr_NoMemory();\n\tuse(buf);\n\tfree(buf);\n\tPy_RETURN_NONE;\n}',
        },
      },
    });
    expect(result?.fixes?.[0]?.artifactChanges[0]?.replacements).toEqual([
      {
        deletedRegion: { startLine: 11, startColumn: 2, endLine: 11, endColumn: 6 },
        insertedContent: { text: 'PyMem_Free' },
      },
    ]);
  });

  test('names files as URIs', () => {
    const at = { ...FINDING.at, file: 'a b/ü#.c' };
    const log = sarifLog(reportOf({ ...FINDING, at }));
    const place = log.runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation;
    expect(place?.artifactLocation?.uri).toBe('a%20b/%C3%BC%23.c');
  });
});

describe('a fingerprint', () => {
  test('survives lines that are added above', () => {
    const path = FINDING.path.map((note) => ({ ...note, at: down(note.at) }));
    const moved = { ...FINDING, at: down(FINDING.at), path };
    expect(print(moved, '/* added */')).toBe(print(FINDING));
  });

  test('differs by line and by rule', () => {
    const other = { ...FINDING, at: spanOf('src/fill.c', 'use(buf)') };
    expect(print(other)).not.toBe(print(FINDING));
    expect(print({ ...FINDING, rule: 'double-free' })).not.toBe(print(FINDING));
  });

  test('equal findings are counted', () => {
    const twice = reportOf(FINDING, { ...FINDING });
    const [first = '', second = ''] = fingerprintsOf(twice).values();
    expect(first).toMatch(/^[0-9a-f]{16}:1$/);
    expect(second).toBe(first.replace(/1$/, '2'));
  });
});
