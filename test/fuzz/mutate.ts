// Makes broken and odd C of C: tokens lost, doubled and swapped, braces lost, conditionals put anywhere,
// texts cut off, bytes that are no C, nesting and lines without end. Deterministic by its seed.
import { type Random, randomFrom } from './random.ts';

export interface FuzzSource {
  /** `.c`, `.h`, `.cpp`. */
  readonly extension: string;
  readonly text: string;
}

export interface Mutant {
  readonly file: string;
  readonly text: string;
  /** What was done to it, in order. */
  readonly mutations: readonly string[];
}

type Mutation = (text: string, random: Random, sources: readonly FuzzSource[]) => string;

/** The mutant with this number, of the texts. */
export function mutant(sources: readonly FuzzSource[], seed: number, index: number): Mutant {
  const random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const source = random.pick(sources);
  let text = excerpt(source.text, random);
  const mutations: string[] = [];
  const count = 1 + random.below(6);
  for (let i = 0; i < count; i++) {
    const name = random.pick(NAMES);
    text = MUTATIONS[name](text, random, sources);
    mutations.push(name);
  }
  return { file: `mutant-${seed}-${index}${source.extension}`, text, mutations };
}

const MUTATIONS = {
  'delete tokens': (text, random) => {
    const found = tokens(text);
    const at = random.below(found.length);
    found.splice(at, 1 + random.below(4));
    return found.join('');
  },
  'double tokens': (text, random) => {
    const found = tokens(text);
    const at = random.below(found.length);
    found.splice(at, 0, ...found.slice(at, at + 1 + random.below(12)));
    return found.join('');
  },
  'swap tokens': (text, random) => {
    const found = tokens(text);
    const [a, b] = [random.below(found.length), random.below(found.length)];
    [found[a], found[b]] = [found[b] ?? '', found[a] ?? ''];
    return found.join('');
  },
  rename: (text, random) => {
    const names = [...new Set(text.match(/\b[A-Za-z_]\w*\b/g))];
    if (names.length === 0) return text;
    const [from, to] = [random.pick(names), random.pick(names)];
    return text.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), to);
  },
  'swap families': (text, random) =>
    replaceOne(
      text,
      /\b(?:Py\w+_)?(?:Malloc|malloc|Free|free|Realloc|realloc)\b/g,
      random.pick(CALLS),
      random,
    ),
  'lose a bracket': (text, random) => replaceOne(text, /[{}()[\];]/g, '', random),
  'add a bracket': (text, random) =>
    insert(text, random.pick(['{', '}', '(', ')', ';', '[', ']']), random),
  conditional: (text, random) => {
    const lines = text.split('\n');
    const from = random.below(lines.length);
    const to = from + random.below(lines.length - from);
    const [first = '', ...others] = random.pick(CONDITIONALS);
    lines.splice(to + 1, 0, ...others);
    lines.splice(from, 0, first);
    return lines.join('\n');
  },
  directive: (text, random) => insertLine(text, random.pick(DIRECTIVES), random),
  'cut off': (text, random) => text.slice(0, random.below(text.length + 1)),
  'cut the start': (text, random) => text.slice(random.below(text.length + 1)),
  'random characters': (text, random) => {
    let bytes = '';
    for (let i = random.below(40); i >= 0; i--)
      bytes += String.fromCodePoint(1 + random.below(0x2ff));
    return insert(text, bytes, random);
  },
  'odd characters': (text, random) => insert(text, random.pick(ODD), random),
  'open end': (text, random) =>
    insert(text, random.pick(['"', "'", '/*', '//', '\\\n', '"\\', 'R"(', '??/\n']), random),
  'deep nesting': (text, random) => {
    const [open = '', inner = '', close = ''] = random.pick(NESTED);
    const depth = random.pick([10, 60, 400, 3000]);
    const closed = random.below(4) === 0 ? '' : close.repeat(depth);
    return insert(text, ` ${open.repeat(depth)}${inner}${closed} `, random);
  },
  'huge line': (text, random) => {
    const piece = random.pick([
      ' + p',
      ', x',
      ' && q[1]',
      '*',
      ' p = malloc(n);',
      ' f(free(p));',
      'a',
      '->next',
      ' "s"',
    ]);
    return insert(text, ` x ${piece.repeat(random.pick([50, 400, 1500]))};`, random);
  },
  'one line': (text) => text.replaceAll('\n', ' '),
  splice: (text, random, sources) =>
    insert(text, excerpt(random.pick(sources).text, random), random),
  repeat: (text, random) => {
    const lines = text.split('\n');
    const from = random.below(lines.length);
    const part = lines.slice(from, from + 1 + random.below(12));
    return [
      ...lines.slice(0, from),
      ...Array.from({ length: 1 + random.below(20) }, () => part).flat(),
      ...lines.slice(from),
    ].join('\n');
  },
} as const satisfies Record<string, Mutation>;

type Name = keyof typeof MUTATIONS;
const NAMES = Object.keys(MUTATIONS).filter((name): name is Name => name in MUTATIONS);

const CALLS = [
  'malloc',
  'free',
  'realloc',
  'PyMem_Malloc',
  'PyMem_Free',
  'PyMem_RawFree',
  'PyObject_Free',
  'PyObject_New',
  'PyObject_Del',
  'Py_DECREF',
  'PyMem_NEW',
  'PyMem_Resize',
];

const CONDITIONALS: readonly (readonly string[])[] = [
  ['#if 0', '#endif'],
  ['#ifdef A', '#endif'],
  ['#if defined(A) && !defined(B)', '#else', '#endif'],
  ['#if PY_VERSION_HEX < 0x03080000', '#elif X > 1', '#else', '#endif'],
  ['#if 1', '#else'],
  ['#if (', '#endif'],
  ['#else', '#endif'],
  ['#endif', '#if 1'],
];

const DIRECTIVES = [
  '#define free(p) PyMem_Free(p)',
  '#define malloc free',
  '#define F(x) F(F(x))',
  '#define A(x) B(x)\n#define B(x) A(x)',
  '#define X(a, b) a ## b # a',
  '#define BAD(',
  '#define E(x) do { free(x); return',
  '#define V(...) f(__VA_ARGS__)',
  '#undef free',
  '#include "nowhere.h"',
  '#include "',
  '#if',
  '#elif',
  '#error "x',
  '#define LONG \\',
  '#',
];

const ODD = [
  '\uD800',
  '\u{1F40D}',
  '\u202E',
  '\uFEFF',
  '\r',
  '\r\n',
  '\f',
  '\v',
  '\u2028',
  '\u0000',
  '\u00E9',
  '@',
  '$',
  '`',
  '\\',
  '\\u0041',
];

const NESTED: readonly (readonly string[])[] = [
  ['(', 'p', ')'],
  ['{', ';', '}'],
  ['[', '0', ']'],
  ['if (p) {', 'free(p);', '}'],
  ['if (p) ', 'free(p);', ''],
  ['for (;;) {', 'break;', '}'],
  ['do {', 'p = malloc(1);', '} while (0);'],
  ['f(', 'p', ')'],
  ['(void *)', 'p', ''],
  ['*', 'p', ''],
  ['!', 'p', ''],
  ['p ? free(p) : ', 'q', ''],
  ['struct s {', 'int x;', '} s;'],
  ['switch (x) { case 1: ', 'free(p);', '}'],
  ['#if A\n', 'free(p);', '\n#endif\n'],
  ['(a, ', 'b', ')'],
  ['x = ', 'p', ''],
  ['p->', 'q', ''],
];

/** With the white space between them. */
function tokens(text: string): string[] {
  return (
    text.match(/[A-Za-z_]\w*|\d[\w.]*|"(?:[^"\\\n]|\\.)*"|\s+|->|[-+*/%&|=!<>]=?|[^]/g) ?? ['']
  );
}

/** A whole text, or some of the definitions in it. */
function excerpt(text: string, random: Random): string {
  const parts = text.split(/\n(?=\S[^\n]*\n?\{)/);
  if (parts.length < 4 || random.below(5) === 0) return text;
  const from = random.below(parts.length);
  return parts.slice(from, from + 1 + random.below(5)).join('\n');
}

function insert(text: string, piece: string, random: Random): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at);
}

function insertLine(text: string, line: string, random: Random): string {
  const lines = text.split('\n');
  lines.splice(random.below(lines.length + 1), 0, line);
  return lines.join('\n');
}

function replaceOne(text: string, pattern: RegExp, by: string, random: Random): string {
  const matches = [...text.matchAll(pattern)];
  const match = matches[random.below(matches.length)];
  if (match === undefined) return text;
  return text.slice(0, match.index) + by + text.slice(match.index + match[0].length);
}
