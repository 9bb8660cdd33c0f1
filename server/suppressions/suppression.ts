// The comments by which a user takes a finding for intended: own ones with a reason, and clang-tidy's NOLINT.
//   free(p);  /* pymem-lint: ignore[mismatched-free] the pool is libc's here */
//   /* pymem-lint: ignore-function[memory-leak] freed at exit */    also ignore-file
//   free(p);  // NOLINT(mismatched-free)                            also NOLINTNEXTLINE, NOLINTBEGIN ... NOLINTEND
import type { Span } from '../../simulator/flagged-path.ts';
import { afterComment, lineEnd, literalEnd } from '../preprocess/lexical.ts';
import { outlineOf } from '../preprocess/outline.ts';
import { SourceText } from '../syntax/source-text.ts';

export interface Suppression {
  readonly kind: 'own' | 'nolint';
  readonly scope: 'line' | 'function' | 'file' | 'range';
  /** Rule ids, NOLINT's with `*`; null: every rule. */
  readonly rules: readonly string[] | null;
  /** Empty: none was given. */
  readonly reason: string;
  /** The comment. */
  readonly at: Span;
  /** First and last line that it is for, from 1; 0: it is for none, as its end or its function is missing. */
  readonly from: number;
  readonly to: number;
}

interface Comment {
  readonly start: number;
  readonly end: number;
  /** Without its delimiters. */
  readonly text: string;
}

const ANY = /pymem-lint\s*:|NOLINT/;
const OWN =
  /^\s*pymem-lint\s*:\s*(ignore(?:-file|-function)?)(?:\s*\[([^\]]*)\])?[\s:\u2013\u2014-]*(.*)$/s;
const NOLINT = /\bNOLINT(NEXTLINE|BEGIN|END)?(?!\w)(?:\(([^)]*)\))?/g;

/** In the order of the text; ranges without an end come last. */
export function suppressionsIn(file: string, text: string): Suppression[] {
  if (!ANY.test(text)) return [];
  const source = new SourceText(file, text);
  const found: Suppression[] = [];
  const open: {
    readonly list: string;
    readonly at: Span;
    readonly rules: readonly string[] | null;
  }[] = [];
  for (const comment of commentsOf(text)) {
    if (!ANY.test(comment.text)) continue;
    const own = OWN.exec(comment.text);
    if (own === null) {
      for (const match of comment.text.matchAll(NOLINT)) nolint(match, comment);
    } else {
      found.push(ownSuppression(own, comment, source));
    }
  }
  const endless = open.map(({ at, rules }): Suppression => {
    return { kind: 'nolint', scope: 'range', rules, reason: '', at, from: 0, to: 0 };
  });
  return [...found, ...endless];

  function nolint(match: RegExpMatchArray, comment: Comment): void {
    const [, kind = '', list] = match;
    const at = source.span(comment.start, comment.end);
    // One comment may hold several, on lines of their own.
    const line = lineAt(source, comment.start + 2 + (match.index ?? 0));
    const rules = list === undefined ? null : listed(list);
    const common = { kind: 'nolint', rules, reason: '', at } as const;
    switch (kind) {
      case 'BEGIN':
        open.push({ list: list ?? '', at, rules });
        return;
      case 'END': {
        const begin = open.findLastIndex((other) => other.list === (list ?? ''));
        const [begun] = begin < 0 ? [] : open.splice(begin, 1);
        if (begun === undefined) return;
        found.push({ ...common, at: begun.at, scope: 'range', from: begun.at.line, to: line });
        return;
      }
      case 'NEXTLINE':
        found.push({ ...common, scope: 'line', from: line + 1, to: line + 1 });
        return;
      default:
        found.push({ ...common, scope: 'line', from: line, to: line });
    }
  }
}

function ownSuppression(
  [, verb = '', list, reason = '']: RegExpExecArray,
  comment: Comment,
  source: SourceText,
): Suppression {
  const at = source.span(comment.start, comment.end);
  const rules = list === undefined ? null : listed(list);
  const common = { kind: 'own', rules, reason: reason.replaceAll(/\s+/g, ' ').trim(), at } as const;
  if (verb === 'ignore-file') {
    return { ...common, scope: 'file', from: 1, to: Number.MAX_SAFE_INTEGER };
  }
  if (verb === 'ignore-function') {
    const range = functionOf(source, comment);
    return range === null
      ? { ...common, scope: 'function', from: 0, to: 0 }
      : { ...common, scope: 'function', ...range };
  }
  const line = isAlone(source, comment) ? nextCodeLine(source, comment) : at.line;
  return { ...common, scope: 'line', from: line, to: line };
}

function listed(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Whether the suppression is for a finding of this rule over these lines. */
export function covers(
  { kind, rules, from, to }: Suppression,
  rule: string,
  at: Pick<Span, 'line' | 'endLine'>,
): boolean {
  if (at.endLine < from || at.line > to) return false;
  if (rules === null) return true;
  return rules.some((name) => (kind === 'own' ? name === rule : globMatches(name, rule)));
}

/** Names of ours: `mismatched-free`, `pymem-lint-mismatched-free`, `pymem-lint`, and what `*` makes of them. */
function globMatches(pattern: string, rule: string): boolean {
  if (pattern === 'pymem-lint') return true;
  if (!pattern.includes('*')) return pattern === rule || pattern === `pymem-lint-${rule}`;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return expression.test(rule) || expression.test(`pymem-lint-${rule}`);
}

function commentsOf(text: string): Comment[] {
  const comments: Comment[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"' || c === "'") {
      i = literalEnd(text, i);
    } else if (c === '/' && (text[i + 1] === '/' || text[i + 1] === '*')) {
      const end = commentEnd(text, i);
      const closed = text[i + 1] === '*' && text.endsWith('*/', end) ? end - 2 : end;
      comments.push({ start: i, end, text: text.slice(i + 2, Math.max(i + 2, closed)) });
      i = end - 1;
    }
  }
  return comments;
}

function commentEnd(text: string, from: number): number {
  return text[from + 1] === '/' ? lineEnd(text, from) : afterComment(text, from);
}

function lineAt(source: SourceText, offset: number): number {
  return source.span(offset, offset).line;
}

/** No code on the lines of the comment. */
function isAlone(source: SourceText, { start, end }: Comment): boolean {
  const { text } = source;
  const before = text.slice(source.offset(lineAt(source, start), 1), start);
  const after = text.slice(end, source.offset(lineAt(source, end) + 1, 1));
  return before.trim() === '' && after.trim() === '';
}

/** The line of the first code behind the comment. */
function nextCodeLine(source: SourceText, { end }: Comment): number {
  const { text } = source;
  for (let i = end; i < text.length; i++) {
    const c = text[i]!;
    if (c === '/' && (text[i + 1] === '/' || text[i + 1] === '*')) {
      i = commentEnd(text, i) - 1;
    } else if (c.trim() !== '') {
      return lineAt(source, i);
    }
  }
  return lineAt(source, text.length);
}

/** The function that the comment is in, or stands before; null: none. */
function functionOf(
  source: SourceText,
  comment: Comment,
): { readonly from: number; readonly to: number } | null {
  const next = outlineOf(source.text).functions.find(({ end }) => end > comment.end);
  if (next === undefined) return null;
  const { line, endLine } = source.span(next.start, next.end);
  if (comment.end <= next.start && nextCodeLine(source, comment) < line) return null;
  return { from: line, to: endLine };
}
