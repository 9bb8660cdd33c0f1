// What the text of a function says of one of its pointer variables: where it is declared, where it is written, and
// where it can be named. Null and false wherever the text is not of a plain form.
import type { FunctionText } from './function-text.ts';

export interface LocalVariable {
  readonly name: string;
  /** The offset of the name in its declaration. */
  readonly declared: number;
  /** What stands before the name: `const char *`. */
  readonly type: string;
}

/** Declared in the function once, as a pointer, not static, and not a parameter. */
export function localVariable(fn: FunctionText, name: string): LocalVariable | null {
  if (!/^[A-Za-z_]\w*$/.test(name) || new RegExp(`\\b${name}\\b`).test(fn.head)) return null;
  const declaration = new RegExp(
    `(?:^|[;{}])\\s*((?:\\w+\\s+)*\\w+\\s*\\*[^;(){}]*?)\\b${name}\\s*[=;,]`,
    'g',
  );
  const body = fn.code.slice(fn.body);
  const [found, ...others] = [...body.matchAll(declaration)];
  const inHeader = new RegExp(`\\bfor\\s*\\([^;]*?\\w[\\s*]+\\b${name}\\s*[=,]`);
  if (found === undefined || others.length > 0 || inHeader.test(body)) return null;
  const type = found[1] ?? '';
  if (/\b(?:static|extern|return|typedef|else|do)\b/.test(type)) return null;
  const declared = fn.body + found.index + found[0].lastIndexOf(name);
  return { name, declared, type: ownType(type) };
}

/** `char *a, *` -> `char *`. */
function ownType(before: string): string {
  const stars = /[\s*]*$/.exec(before)?.[0] ?? '';
  const base = /^[\w\s]+/.exec(before)?.[0] ?? '';
  return `${base.trim()} ${stars.replaceAll(/\s/g, '')}`;
}

/** Assignments and initializers, but for those with NULL, and every place that gets the variable's address. */
export function writesOf(fn: FunctionText, name: string): readonly number[] {
  const isWritten = (at: number): boolean => {
    const behind = fn.code.slice(at + name.length);
    if (/^\s*=\s*(?:NULL|0)\s*[;,]/.test(behind)) return false;
    const isAssigned = /^\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|^\s*(?:\+\+|--)/.test(behind);
    return isAssigned || /(?:(?<!&)&|\+\+|--)\s*$/.test(fn.code.slice(0, at));
  };
  return fn.usesOf(name).filter(isWritten);
}

/** The block that the declaration is in has not ended. */
export function isInScope(fn: FunctionText, declared: number, place: number): boolean {
  if (declared < fn.body || declared > place) return false;
  let depth = 0;
  for (const c of fn.code.slice(declared, place)) {
    if (c === '{') depth++;
    if (c === '}' && --depth < 0) return false;
  }
  return true;
}

/** The first of the names that the function does not know; null: it knows them all. */
export function freshName(fn: FunctionText, ...names: readonly string[]): string | null {
  return names.find((name) => !new RegExp(`\\b${name}\\b`).test(fn.code)) ?? null;
}
