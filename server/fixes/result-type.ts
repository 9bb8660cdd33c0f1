// The type that a function returns, as it can be written in a declaration of a variable.
import type { FunctionText } from './function-text.ts';

/** `PyObject *`, `int`; null: it returns nothing, or the text does not show it plainly. */
export function resultType(fn: FunctionText): string | null {
  const [, before = ''] = /^([^()#]*?)\b[A-Za-z_]\w*\s*\([^()]*\)\s*$/.exec(fn.head.trim()) ?? [];
  const words = before
    .replaceAll(/\b(?:static|inline|extern|__inline__|__inline)\b/g, ' ')
    .replaceAll('*', ' * ')
    .trim()
    .split(/\s+/);
  const names = words.filter((word) => word !== '*');
  const stars = words.length - names.length;
  const arePlain = words.slice(0, names.length).every((word) => word !== '*');
  const base = names.at(-1) ?? '';
  const qualifiers = names.slice(0, -1);
  if (!/^[A-Za-z_]\w*$/.test(base) || !arePlain) return null;
  // A macro that stands for more than a type.
  if (names.some((name) => /^[A-Z0-9_]{2,}$|_FUNC$|^Py_LOCAL/.test(name) && name !== 'FILE'))
    return null;
  const QUALIFIERS = ['const', 'unsigned', 'signed', 'long', 'short', 'struct', 'union', 'enum'];
  if (!qualifiers.every((word) => QUALIFIERS.includes(word))) return null;
  if (base === 'void' && stars === 0) return null;
  const value = stars === 0 ? names.filter((name) => name !== 'const') : names;
  return stars === 0 ? value.join(' ') : `${value.join(' ')} ${'*'.repeat(stars)}`;
}
