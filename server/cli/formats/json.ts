// The JSON format: stable, for other programs. Lines and columns count from 1; `flaggedPath` is what
// the simulator replays.
import type { FlaggedPath, Span } from '../../../simulator/flagged-path.ts';
import { type VerdictMatrix, verdictOf } from '../../../simulator/verdict.ts';
import type { Confidence, Finding, PathNote, Severity } from '../../finding.ts';
import type { CheckStats, Skipped } from '../../check.ts';
import type { Format } from './report.ts';

export interface JsonReport {
  readonly findings: readonly JsonFinding[];
  readonly stats: CheckStats & { readonly skipped: readonly Skipped[] };
}

export interface JsonFinding extends Span {
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly message: string;
  readonly path: readonly {
    readonly kind: PathNote['kind'];
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
  readonly flaggedPath: FlaggedPath;
  /** How it ends on simulated targets; absent unless asked for. */
  readonly simulated?: VerdictMatrix;
  /** Absent when there is nothing safe to propose. */
  readonly fixes?: readonly {
    readonly title: string;
    readonly edits: readonly (Span & { readonly newText: string })[];
  }[];
}

export const formatJson: Format = (report, { withVerdict }) => {
  const json: JsonReport = {
    findings: report.findings.map((finding) => ({
      ...jsonFinding(finding),
      ...(withVerdict && finding.flaggedPath.steps.length > 0
        ? { simulated: verdictOf(finding.flaggedPath) }
        : {}),
    })),
    stats: { ...report.stats, skipped: report.skipped },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
};

export function jsonFinding(finding: Finding): JsonFinding {
  const { rule, severity, confidence, at, message, path, flaggedPath, fixes } = finding;
  const json: JsonFinding = {
    rule,
    severity,
    confidence,
    ...span(at),
    message,
    path: path.map((note) => ({
      kind: note.kind,
      file: note.at.file,
      line: note.at.line,
      column: note.at.column,
      message: note.message,
    })),
    flaggedPath,
  };
  if (fixes.length === 0) return json;
  return {
    ...json,
    fixes: fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map((edit) => ({ ...span(edit.at), newText: edit.newText })),
    })),
  };
}

function span({ file, line, column, endLine, endColumn }: Span): Span {
  return { file, line, column, endLine, endColumn };
}
