// GitLab's Code Quality report: the part of the Code Climate format that GitLab documents.
import type { Severity } from '../../finding.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { certainty } from './full.ts';
import type { Format } from './report.ts';

export interface GitlabIssue {
  readonly description: string;
  readonly check_name: string;
  /** Unique in the report. */
  readonly fingerprint: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  readonly location: {
    readonly path: string;
    readonly lines: { readonly begin: number; readonly end: number };
  };
}

export const formatGitlab: Format = (report) => {
  const marks = fingerprintsOf(report);
  const issues = report.findings.map((finding): GitlabIssue => {
    const { at, rule, severity, confidence, message } = finding;
    return {
      description: `${message}${certainty(confidence)}`,
      check_name: rule,
      fingerprint: `${at.file}:${marks.get(finding) ?? ''}`,
      severity: SEVERITIES[severity],
      location: { path: at.file, lines: { begin: at.line, end: at.endLine } },
    };
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
};

const SEVERITIES = { error: 'critical', warning: 'major', info: 'info' } satisfies Record<
  Severity,
  GitlabIssue['severity']
>;
