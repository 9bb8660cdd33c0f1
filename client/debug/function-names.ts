// Which function of a C source a line is in, for the name of a stack frame. Reads braces alone; says nothing of
// a text whose braces it cannot make sense of.

export interface FunctionLines {
  readonly name: string;
  /** From 1; both are part of it. */
  readonly first: number;
  readonly last: number;
}

const MASKED =
  /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|^[ \t]*#(?:[^\\\n]|\\\r?\n|\\.)*/gm;

/** In the order of the text; empty when the braces do not match up. */
export function functionsIn(text: string): readonly FunctionLines[] {
  const code = text.replaceAll(MASKED, (match) => match.replaceAll(/[^\n]/g, ' '));
  const found: FunctionLines[] = [];
  let depth = 0;
  let header = '';
  let open: { readonly name: string | null; readonly first: number } | null = null;
  let line = 1;
  for (const character of code) {
    if (character === '\n') line++;
    if (character === '{') {
      // What `extern "C"` and namespaces hold counts as outermost.
      if (depth === 0 && /\b(?:extern|namespace)\b[^()=;]*$/.test(header)) header = '';
      else if (depth++ === 0) open = { name: functionName(header), first: line };
    } else if (character === '}') {
      if (depth > 0 && --depth === 0 && open !== null) {
        if (open.name !== null) found.push({ name: open.name, first: open.first, last: line });
        open = null;
      }
      if (depth === 0) header = '';
    } else if (depth === 0) header = character === ';' ? '' : header + character;
  }
  return depth === 0 ? found : [];
}

export function functionAt(functions: readonly FunctionLines[], line: number): string | null {
  return functions.find(({ first, last }) => first <= line && line <= last)?.name ?? null;
}

/** The name before the first parentheses that have one; null for a type or an initializer. */
function functionName(header: string): string | null {
  if (header.includes('=')) return null;
  let depth = 0;
  let name: string | null = null;
  for (let at = 0; at < header.length; at++) {
    if (header[at] === '(' && depth++ === 0) {
      const before = /([A-Za-z_]\w*)\s*$/.exec(header.slice(0, at))?.[1] ?? null;
      if (before !== null && !/^(?:__attribute__|__declspec|noexcept|throw)$/.test(before))
        name ??= before;
    } else if (header[at] === ')') depth--;
  }
  return depth === 0 ? name : null;
}
