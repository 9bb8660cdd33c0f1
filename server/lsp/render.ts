// Findings as the values of the language server protocol: diagnostics, quick fixes, hovers, lenses.
// Pure functions; the only place where "diagnostic" is the word for a finding.
import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  type Diagnostic,
  DiagnosticSeverity,
  type Hover,
  MarkupKind,
  type Range,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { FAMILIES, type Family } from '../../simulator/families.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import type { Finding, Fix, Severity } from '../finding.ts';
import {
  asDiagnosticData,
  CLIENT_COMMANDS,
  type DiagnosticData,
  type DiagnosticFix,
  type FindingPlace,
  NAMESPACE,
  ruleUrl,
} from './protocol.ts';

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
    fixes: finding.fixes.map((fix) => toDiagnosticFix(fix, checked)),
  };
  return {
    range: toRange(finding.at),
    severity: SEVERITY[finding.severity],
    code: finding.rule,
    codeDescription: { href: ruleUrl(finding.rule) },
    source: NAMESPACE,
    message: finding.message,
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
    edits: fix.edits.map((edit) => ({
      ...edit,
      replaced: toUri(edit.at.file) === checked.uri ? checked.getText(toRange(edit.at)) : null,
    })),
  };
}

/** The fixes that `diagnostic` carries and that still fit `document`. */
export function toCodeActions(
  diagnostic: Diagnostic,
  document: TextDocument,
  { versioned }: { readonly versioned: boolean },
): CodeAction[] {
  if (diagnostic.source !== NAMESPACE) return [];
  const data = asDiagnosticData(diagnostic.data);
  if (data === null) return [];
  return data.fixes
    .filter((fix) => fits(fix, document))
    .map((fix) => ({
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      isPreferred: false,
      edit: toWorkspaceEdit(fix, document, versioned),
    }));
}

/** False when the text changed under the fix since it was made. */
function fits(fix: DiagnosticFix, document: TextDocument): boolean {
  return fix.edits.every(
    (edit) =>
      toUri(edit.at.file) !== document.uri || document.getText(toRange(edit.at)) === edit.replaced,
  );
}

function toWorkspaceEdit(
  fix: DiagnosticFix,
  document: TextDocument,
  versioned: boolean,
): WorkspaceEdit {
  const changes: Record<string, TextEdit[]> = {};
  for (const edit of fix.edits) {
    (changes[toUri(edit.at.file)] ??= []).push({ range: toRange(edit.at), newText: edit.newText });
  }
  if (!versioned) return { changes };
  return {
    documentChanges: Object.entries(changes).map(([uri, edits]) => ({
      textDocument: { uri, version: uri === document.uri ? document.version : null },
      edits,
    })),
  };
}

export interface LinkOptions {
  /** The commands of the client that links and lenses may name. */
  readonly commands: readonly string[];
}

export function toHover(finding: Finding, uri: string, { commands }: LinkOptions): Hover {
  const lines = [
    `**${escapeMarkdown(finding.message)}**`,
    '',
    ...finding.path.map(
      (note, index) =>
        `${index + 1}. ${escapeMarkdown(note.message)} — [${escapeMarkdown(shortPlace(note.at))}](${linkTo(note.at)})`,
    ),
    '',
    ...familyLines(finding),
    '',
    links(finding, uri, commands).join(' | '),
  ];
  return {
    contents: { kind: MarkupKind.Markdown, value: lines.join('\n') },
    range: toRange(finding.at),
  };
}

function links(finding: Finding, uri: string, commands: readonly string[]): readonly string[] {
  const rule = `[${finding.rule}](${ruleUrl(finding.rule)}), ${finding.confidence}`;
  if (!commands.includes(CLIENT_COMMANDS.showSimulatedCrash)) return [rule];
  const place: FindingPlace = { uri, line: toRange(finding.at).start.line, rule: finding.rule };
  const argument = encodeURIComponent(JSON.stringify([place]));
  return [
    `[Show Simulated Crash](command:${CLIENT_COMMANDS.showSimulatedCrash}?${argument})`,
    rule,
  ];
}

/** A line for each family on the path: which call brought it in. */
function familyLines(finding: Finding): readonly string[] {
  const calls = new Map<Family, Set<string>>();
  for (const step of finding.flaggedPath.steps) {
    if (step.kind === 'alloc' || step.kind === 'realloc' || step.kind === 'free') {
      calls.set(step.family, (calls.get(step.family) ?? new Set()).add(step.api));
    }
  }
  return [...calls].map(
    ([family, apis]) =>
      `- \`${family}\`, ${FAMILIES[family].label}: ${[...apis].map((api) => `\`${api}\``).join(', ')}`,
  );
}

export function toCodeLenses(findings: readonly Finding[], { commands }: LinkOptions): CodeLens[] {
  if (!commands.includes(CLIENT_COMMANDS.showSimulatedCrash)) return [];
  return findings.map((finding) => {
    const alone = findings.filter((other) => other.at.line === finding.at.line).length === 1;
    return {
      range: toRange(finding.at),
      command: {
        title: alone ? 'Show Simulated Crash' : `Show Simulated Crash: ${finding.message}`,
        command: CLIENT_COMMANDS.showSimulatedCrash,
        arguments: [finding.flaggedPath],
      },
    };
  });
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

function linkTo(span: Span): string {
  return `${toUri(span.file)}#L${span.line},${span.column}`;
}

function shortPlace(span: Span): string {
  const name = URI.parse(toUri(span.file)).path.split('/').at(-1) ?? span.file;
  return `${name}:${span.line}`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!<>|~]/g, '\\$&');
}
