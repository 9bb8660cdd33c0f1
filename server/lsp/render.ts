// Findings as the values of the language server protocol: diagnostics, places.
// Pure functions; the only place where "diagnostic" is the word for a finding.
import {
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type Range,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import type { Span } from '../../simulator/flagged-path.ts';
import type { Finding, Fix, Severity } from '../finding.ts';
import { unusedSuppression } from '../suppressions/suppression-rules.ts';
import { type DiagnosticData, type DiagnosticFix, NAMESPACE, ruleUrl } from './protocol.ts';

const SEVERITY: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

/** `text`: what was checked, under the name `uri`. */
export function toDiagnostics(
  findings: readonly Finding[],
  { uri, text }: { readonly uri: string; readonly text: string },
): Diagnostic[] {
  const checked = TextDocument.create(uri, 'c', 0, text);
  return findings.map((finding) => toDiagnostic(finding, checked));
}

function toDiagnostic(finding: Finding, checked: TextDocument): Diagnostic {
  const data: DiagnosticData = {
    flaggedPath: finding.flaggedPath,
    notes: finding.path,
    fixes: finding.fixes.map((fix) => toDiagnosticFix(fix, checked)),
  };
  return {
    range: toRange(finding.at),
    severity: SEVERITY[finding.severity],
    code: finding.rule,
    codeDescription: { href: ruleUrl(finding.rule) },
    source: NAMESPACE,
    message: finding.message,
    ...(finding.rule === unusedSuppression.id && { tags: [DiagnosticTag.Unnecessary] }),
    relatedInformation: finding.path.map((note) => ({
      location: { uri: toUri(note.at.file), range: toRange(note.at) },
      message: note.message,
    })),
    data,
  };
}

function toDiagnosticFix(fix: Fix, checked: TextDocument): DiagnosticFix {
  return {
    title: fix.title,
    isSafe: fix.isSafe,
    path: fix.path,
    edits: fix.edits.map((edit) => ({
      ...edit,
      replaced: toUri(edit.at.file) === checked.uri ? checked.getText(toRange(edit.at)) : null,
    })),
  };
}

export function toRange(span: Span): Range {
  return {
    start: toPosition(span.line, span.column),
    end: toPosition(span.endLine, span.endColumn),
  };
}

function toPosition(line: number, column: number): Range['start'] {
  return { line: Math.max(0, line - 1), character: Math.max(0, column - 1) };
}

/** Spans name a file as it was handed to the check: the server hands over URIs, others paths. */
export function toUri(file: string): string {
  // Two letters at least: `C:\x.c` is a path.
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(file) ? file : URI.file(file).toString();
}
