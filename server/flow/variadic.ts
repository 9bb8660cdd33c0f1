// Functions that read arguments beyond their parameters: `free_all(void *first, ...)`. What they do with them is
// not followed.
import { argumentPath, type Summary } from './summary.ts';

/** Nobody passes more. */
const MAX_ARGUMENTS = 32;

/** `parameters`: how many have names. Anything may become of what is passed after them. */
export function withMoreArguments(summary: Summary, parameters: number): Summary {
  const more = Array.from({ length: Math.max(0, MAX_ARGUMENTS - parameters) }, (_, i) =>
    argumentPath(parameters + i),
  );
  return {
    ...summary,
    outcomes: summary.outcomes.map((o) => ({ ...o, escapes: [...o.escapes, ...more] })),
  };
}

/**
 * Whether the function takes such arguments itself, or hands all of them on to a function of the program. A format
 * and its values, handed on to `vsnprintf`, stay the caller's.
 */
export function readsMoreArguments(
  { text, mentions }: { readonly text: string; readonly mentions: ReadonlySet<string> },
  isDefined: (name: string) => boolean,
): boolean {
  if (mentions.has('va_arg')) return true;
  const list = /\bva_start\s*\(\s*(\w+)/.exec(text)?.[1];
  if (list === undefined) return false;
  const users = text.matchAll(new RegExp(`\\b(\\w+)\\s*\\([^()]*\\b${list}\\s*[,)]`, 'g'));
  return [...users].some(([, name = '']) => isDefined(name));
}
