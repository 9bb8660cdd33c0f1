// Code lenses above functions with findings: what can be done with the finding, or with one of them.
import type { CodeLens, Range } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { outlineOf } from '../preprocess/outline.ts';
import type { CheckedText } from './diagnostics.ts';
import { findingCommands, type LinkOptions, placeOf } from './links.ts';
import { toRange } from './render.ts';
import type { CodeLensSetting } from './settings.ts';

export function toCodeLenses(
  { text: { uri, text }, findings }: CheckedText,
  setting: CodeLensSetting,
  options: LinkOptions,
): CodeLens[] {
  const commands = findingCommands(options).filter(({ inLens }) => inLens);
  if (setting === 'off' || commands.length === 0) return [];
  const wanted = findings.filter(({ severity }) => setting === 'all' || severity === 'error');
  if (wanted.length === 0) return [];
  const ranges = functionNames(uri, text);
  const byLine = groupBy(wanted, (finding) => lensLine(ranges, finding));
  return [...byLine].flatMap(([line, group]) => {
    const places = group.map((finding) => placeOf(finding, uri));
    const [only] = places;
    const start = { line, character: 0 };
    return commands.map(({ command, title }) => ({
      range: { start, end: start },
      command: {
        command,
        title: places.length === 1 ? title : `${title} (${places.length} findings)`,
        arguments: [places.length === 1 ? only : places],
      },
    }));
  });
}

interface NamedRange {
  /** 0-based, of the function's name. */
  readonly line: number;
  readonly range: Range;
}

/** Incomplete: a function that braces alone do not show, as a method of C++, is not among them. */
function functionNames(uri: string, text: string): readonly NamedRange[] {
  const document = TextDocument.create(uri, 'c', 0, text);
  return outlineOf(text).functions.map(({ name, start, end }) => {
    const at = text.slice(start, end).search(new RegExp(`\\b${name}\\s*\\(`));
    return {
      line: document.positionAt(start + Math.max(0, at)).line,
      range: { start: document.positionAt(start), end: document.positionAt(end) },
    };
  });
}

/** The line of the function that holds the finding, or its own. */
function lensLine(functions: readonly NamedRange[], finding: Finding): number {
  const { line } = toRange(finding.at).start;
  const holder = functions.find(({ range }) => range.start.line <= line && line <= range.end.line);
  return holder?.line ?? line;
}
