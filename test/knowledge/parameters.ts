// The parameters of a C prototype, as text. Reads the spellings that the knowledge table uses.

/** Null when the text is not the prototype of a call; the last one may be `...`. */
export function parameters(signature: string): readonly string[] | null {
  const open = signature.match(/\w\s*\((?!\*)/);
  if (open?.index === undefined || !signature.trimEnd().endsWith(')')) return null;
  const inside = signature.slice(
    signature.indexOf('(', open.index) + 1,
    signature.lastIndexOf(')'),
  );
  if (/^\s*(void)?\s*$/.test(inside)) return [];
  const found = [''];
  let depth = 0;
  for (const character of inside) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) found.push('');
    else found[found.length - 1] += character;
  }
  return found.map((parameter) => parameter.trim());
}

/** Opaque types that are pointers. */
const HANDLES: ReadonlySet<string> = new Set(['locale_t', 'PyThread_type_lock']);

export function isPointer(parameter: string): boolean {
  return (
    parameter === '...' || /[*[]/.test(parameter) || HANDLES.has(parameter.split(' ')[0] ?? '')
  );
}
