// How many bytes a call asks for: computed from the source where it is constant, else a witness.
import type { Size } from '../../simulator/flagged-path.ts';
import type { ApiRow } from '../knowledge/row.ts';

/** Sizes on x86-64 Linux, bytes. */
const SIZE_OF: ReadonlyMap<string, number> = new Map(
  Object.entries({
    char: 1,
    'signed char': 1,
    'unsigned char': 1,
    bool: 1,
    short: 2,
    int: 4,
    unsigned: 4,
    'unsigned int': 4,
    float: 4,
    wchar_t: 4,
    Py_UCS4: 4,
    Py_UCS2: 2,
    Py_UCS1: 1,
    int8_t: 1,
    uint8_t: 1,
    int16_t: 2,
    uint16_t: 2,
    int32_t: 4,
    uint32_t: 4,
    int64_t: 8,
    uint64_t: 8,
    long: 8,
    'long long': 8,
    'unsigned long': 8,
    'unsigned long long': 8,
    double: 8,
    size_t: 8,
    Py_ssize_t: 8,
    npy_intp: 8,
    PyObject: 16,
  }),
);

/** Bytes; null: not a type of the table. */
export function sizeOfCType(type: string): number | null {
  return /^\w.*\*$/.test(type) ? 8 : (SIZE_OF.get(type) ?? null);
}

/** Chosen where the source does not say: small enough for pymalloc, not a multiple of 16. */
const WITNESS_BYTES = 40;
const WITNESS_COUNT = 5;
const WITNESS_STRUCT = 24;
const OBJECT_BYTES = 48;

interface Evaluated {
  readonly value: number;
  readonly chosen: boolean;
}

/** `texts` are the arguments as written. */
export function sizeOfCall(row: ApiRow, texts: readonly string[]): Size {
  let bytes = 1;
  let chosen = false;
  const sources: string[] = [];
  const relevant = row.sizeArgs.filter((s) => s.meaning !== 'type-object');
  for (const { arg, meaning } of relevant) {
    const text = texts[arg];
    if (text === undefined) continue;
    sources.push(text);
    const part = ((): Evaluated => {
      switch (meaning) {
        case 'bytes':
          return evaluate(text, WITNESS_BYTES);
        case 'count':
        case 'elemsize':
        case 'item-count':
        case 'extra-bytes':
          return evaluate(text, WITNESS_COUNT);
        case 'intp-count': {
          const count = evaluate(text, WITNESS_COUNT);
          return { ...count, value: count.value * 8 };
        }
        case 'type':
        case 'c-struct-type':
          return sizeOfType(text);
        case 'string':
          return { value: WITNESS_BYTES, chosen: true };
        case 'wide-string':
          return { value: 4 * WITNESS_BYTES, chosen: true };
        case 'type-object':
          return { value: OBJECT_BYTES, chosen: true };
      }
    })();
    chosen ||= part.chosen;
    if (meaning === 'item-count' || meaning === 'extra-bytes') bytes += part.value;
    else bytes *= part.value;
  }
  if (sources.length === 0) {
    const isObject = row.role === 'object-alloc';
    return { bytes: isObject ? OBJECT_BYTES : WITNESS_BYTES, source: null, chosen: true };
  }
  if (row.role === 'object-alloc') bytes = Math.max(bytes, OBJECT_BYTES);
  return { bytes: Math.max(0, Math.min(bytes, 1 << 30)), source: sources.join(', '), chosen };
}

function sizeOfType(text: string): Evaluated {
  const type = text
    .replace(/\b(struct|union|enum|const|volatile)\b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  // `sizeof(*p)`: the type of what p points to is not known here.
  if (type.startsWith('*')) return { value: WITNESS_STRUCT, chosen: true };
  if (type.includes('*')) return { value: 8, chosen: false };
  const known = SIZE_OF.get(type);
  return known === undefined
    ? { value: WITNESS_STRUCT, chosen: true }
    : { value: known, chosen: false };
}

/** Products, sums, sizeof and integers; anything else is the witness. */
function evaluate(text: string, witness: number): Evaluated {
  const tokens = text.match(
    /sizeof\s*\([^()]*\)|0[xX][0-9a-fA-F]+|\d+|[A-Za-z_][\w.>[\]-]*|<<|[-+*/()]|\S/g,
  );
  if (tokens === null) return { value: witness, chosen: true };
  let at = 0;
  let unknowns = 0;
  const primary = (): number => {
    const token = tokens[at++];
    if (token === undefined) throw new SyntaxError('incomplete');
    if (token === '(') {
      const value = sum();
      if (tokens[at++] !== ')') throw new SyntaxError('parenthesis');
      // A cast: `(size_t)n`.
      const next = tokens[at];
      return next !== undefined && /^[\w(]/.test(next) ? primary() : value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (token.startsWith('sizeof')) {
      const inner = sizeOfType(token.slice(token.indexOf('(') + 1, -1));
      if (inner.chosen) unknowns++;
      return inner.value;
    }
    if (/^[A-Za-z_]/.test(token)) {
      if (tokens[at] === '(') throw new SyntaxError('call');
      unknowns++;
      return WITNESS_COUNT;
    }
    throw new SyntaxError(token);
  };
  const product = (): number => {
    let value = primary();
    while (tokens[at] === '*' || tokens[at] === '/' || tokens[at] === '<<') {
      const operator = tokens[at++];
      const right = primary();
      if (operator === '*') value *= right;
      else if (operator === '<<') value *= 2 ** Math.min(right, 40);
      else value = Math.floor(value / Math.max(1, right));
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-') {
      value += (tokens[at++] === '+' ? 1 : -1) * product();
    }
    return value;
  };
  try {
    const value = sum();
    if (at !== tokens.length || !Number.isSafeInteger(value) || value < 0)
      throw new SyntaxError('rest');
    // A lone name says nothing about the size.
    if (unknowns > 0 && tokens.length === 1) return { value: witness, chosen: true };
    return { value, chosen: unknowns > 0 };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { value: witness, chosen: true };
  }
}
