// The comment that suppresses a finding, as an edit: above its line, its function, or at the top of the file.
import type { Span } from '../../simulator/flagged-path.ts';
import type { Edit } from '../finding.ts';
import { outlineOf } from '../preprocess/outline.ts';
import { SourceText } from '../syntax/source-text.ts';

export const SUPPRESSION_SCOPES = ['line', 'function', 'file'] as const;
export type SuppressionScope = (typeof SUPPRESSION_SCOPES)[number];

const VERBS = { line: 'ignore', function: 'ignore-function', file: 'ignore-file' } as const;

/** Null: a comment cannot stand there. `reason` may be empty. */
export function suppressionEdit(
  { file, text }: { readonly file: string; readonly text: string },
  at: Pick<Span, 'line'>,
  wanted: { readonly rule: string; readonly scope: SuppressionScope; readonly reason: string },
): Edit | null {
  const source = new SourceText(file, text);
  const line = lineFor(source, at, wanted.scope);
  if (line === null) return null;
  const start = source.offset(line, 1);
  // Within a macro the comment would end it.
  if (/\\\r?\n$/.test(text.slice(0, start))) return null;
  const indent = /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
  const reason = wanted.reason.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim();
  const comment = `${VERBS[wanted.scope]}[${wanted.rule}]${reason === '' ? '' : ` ${reason}`}`;
  const newText = `${indent}/* pymem-lint: ${comment} */\n`;
  return { at: source.span(start, start), newText };
}

function lineFor(
  source: SourceText,
  at: Pick<Span, 'line'>,
  scope: SuppressionScope,
): number | null {
  switch (scope) {
    case 'line':
      return at.line;
    case 'file':
      return 1;
    case 'function': {
      const offset = source.offset(at.line, 1);
      const holder = outlineOf(source.text).functions.find(
        ({ start, end }) => start <= offset && offset < end,
      );
      return holder === undefined ? null : source.span(holder.start, holder.start).line;
    }
  }
}
