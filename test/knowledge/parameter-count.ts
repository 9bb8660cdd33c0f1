// How many arguments a C prototype takes. Reads the spellings that the knowledge table uses.

/** Null when the text is not a call prototype; a variadic one takes any number. */
export function parameterCount(signature: string): number | null {
  const open = signature.match(/\w\s*\((?!\*)/);
  if (open?.index === undefined || !signature.trimEnd().endsWith(')')) return null;
  const inside = signature.slice(
    signature.indexOf('(', open.index) + 1,
    signature.lastIndexOf(')'),
  );
  if (inside.includes('...')) return Number.POSITIVE_INFINITY;
  if (/^\s*(void)?\s*$/.test(inside)) return 0;
  let depth = 0;
  let commas = 0;
  for (const character of inside) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) commas++;
  }
  return commas + 1;
}
