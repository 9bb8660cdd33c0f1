// JUnit XML, as CI servers show test results: a suite for each file, a failed case for each finding. A run
// without findings is one case that passed.
import { groupBy } from '../../group-by.ts';
import type { Finding } from '../../finding.ts';
import { certainty } from './full.ts';
import type { Format } from './report.ts';

export const formatJunit: Format = (report) => {
  const suites = Array.from(
    groupBy(report.findings, ({ at }) => at.file),
    ([file, findings]) => suite(file, findings.map(failed), findings.length),
  );
  const all =
    suites.length === 0
      ? [suite('pymem-lint', [`    <testcase name="no findings" classname="pymem-lint"/>`], 0)]
      : suites;
  const { length } = report.findings;
  const total = Math.max(1, length);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pymem-lint" tests="${total}" failures="${length}" errors="0">`,
    ...all,
    '</testsuites>',
    '',
  ].join('\n');
};

function suite(name: string, cases: readonly string[], failures: number): string {
  const head = `  <testsuite name=${quoted(name)} tests="${cases.length}" failures="${failures}" errors="0" skipped="0">`;
  return [head, ...cases, '  </testsuite>'].join('\n');
}

function failed({ at, rule, severity, confidence, message, path }: Finding): string {
  const name = `${rule} at line ${at.line}, column ${at.column}`;
  const steps = path.map((step, index) => {
    return `${index + 1}. ${step.at.file}:${step.at.line}:${step.at.column}: ${step.message}`;
  });
  const text = [`${at.file}:${at.line}:${at.column}: ${message}${certainty(confidence)}`, ...steps];
  return [
    `    <testcase name=${quoted(name)} classname=${quoted(at.file)}>`,
    `      <failure message=${quoted(message)} type=${quoted(severity)}>${escaped(text.join('\n'))}</failure>`,
    '    </testcase>',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

/** XML 1.0 has no way to write most control characters, nor half a surrogate pair. */
function escaped(text: string): string {
  return text
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}
