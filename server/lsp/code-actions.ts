// Fixes as code actions: those of a diagnostic, and all that are safe in a document at once. A fix is
// preferred when the flagged path replays clean with it, and then says so.
import {
  type CodeAction,
  CodeActionKind,
  type Diagnostic,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { compatible, distinct } from '../fixes/edits-together.ts';
import { replaysClean } from '../fixes/replays-clean.ts';
import {
  asDiagnosticData,
  type DiagnosticEdit,
  type DiagnosticFix,
  NAMESPACE,
} from './protocol.ts';
import { toRange, toUri } from './render.ts';

export const FIX_ALL = `${CodeActionKind.SourceFixAll}.${NAMESPACE}`;

export interface EditOptions {
  /** The client takes the version that an edit is for. */
  readonly versioned: boolean;
}

/** A kind that is asked for includes the kinds below it; the empty kind includes all. */
export function includesKind(asked: string, kind: string): boolean {
  return asked === '' || kind === asked || kind.startsWith(`${asked}.`);
}

/** The fixes that `diagnostic` carries and that still fit `document`. */
export function toCodeActions(
  diagnostic: Diagnostic,
  document: TextDocument,
  options: EditOptions,
): CodeAction[] {
  if (diagnostic.source !== NAMESPACE) return [];
  const fixes = (asDiagnosticData(diagnostic.data)?.fixes ?? []).filter((fix) =>
    fits(fix, document),
  );
  const clean = new Set(fixes.filter(({ path }) => replaysClean(path)));
  const [preferred] = clean;
  return fixes.map((fix) => ({
    title: clean.has(fix) ? `${fix.title} (replays clean)` : fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    isPreferred: fix === preferred,
    edit: toWorkspaceEdit(fix.edits, document, options),
  }));
}

/** For each finding its first fix that is safe and replays clean, as far as they do not touch each other. */
export function toFixAll(
  diagnostics: readonly Diagnostic[],
  document: TextDocument,
  options: EditOptions,
): CodeAction[] {
  const safe = diagnostics.flatMap((diagnostic) => {
    const fix = asDiagnosticData(diagnostic.data)?.fixes.find(
      ({ isSafe, path, edits }) =>
        isSafe &&
        edits.every(({ at }) => toUri(at.file) === document.uri) &&
        (path === null ? edits.every(({ newText }) => newText === '') : replaysClean(path)),
    );
    return fix !== undefined && fits(fix, document) ? [{ diagnostic, fix }] : [];
  });
  const fixed = compatible(safe, ({ fix }) => fix.edits);
  if (fixed.length === 0) return [];
  const edits = distinct(fixed.flatMap(({ fix }) => fix.edits));
  return [
    {
      title: `Fix all that replay clean (${fixed.length})`,
      kind: FIX_ALL,
      diagnostics: fixed.map(({ diagnostic }) => diagnostic),
      edit: toWorkspaceEdit(edits, document, options),
    },
  ];
}

/** False when the text changed under the fix since it was made. */
function fits(fix: DiagnosticFix, document: TextDocument): boolean {
  return fix.edits.every(
    (edit) =>
      toUri(edit.at.file) !== document.uri || document.getText(toRange(edit.at)) === edit.replaced,
  );
}

function toWorkspaceEdit(
  placed: readonly DiagnosticEdit[],
  document: TextDocument,
  { versioned }: EditOptions,
): WorkspaceEdit {
  const changes: Record<string, TextEdit[]> = {};
  for (const edit of placed) {
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
