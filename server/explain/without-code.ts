// Why a line outside every function has nothing to say about pointers.
import { dropDeadRegions } from '../preprocess/alternatives.ts';
import type { ParsedFile } from '../flow/unit.ts';

/** A complete sentence. */
export function withoutCode({ source, macros }: ParsedFile, line: number): string {
  const text = source.line(line);
  if (text === '') return 'The line is empty.';
  const kept = dropDeadRegions(source.text).split('\n')[line - 1] ?? '';
  if (kept.trim() === '') return 'The line is left out: the condition before it never holds.';
  const macro = /^#[ \t]*define[ \t]+(\w+)/.exec(text)?.[1];
  if (macro !== undefined && macros.has(macro))
    return `The line defines the macro ${macro}: what it does is seen where it is used.`;
  if (text.startsWith('#')) return 'The line is a preprocessor directive.';
  return 'The line is in no function, as far as the parser can tell.';
}
