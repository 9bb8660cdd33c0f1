// The two parsers behind one interface: equal trees for every text that is C, whatever its size, depth or
// letters. They mend errors in different ways: of a text with errors both must say so, no more.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { languageOf } from '../../server/syntax/language.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { type SyntaxNode, walk } from '../../server/syntax/node.ts';
import type { Parser } from '../../server/syntax/parser.ts';

let native: Parser;
let wasm: Parser;

beforeAll(async () => {
  native = await loadParser({ backend: 'native' });
  wasm = await loadParser({ backend: 'wasm' });
});

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const texts = [fixtures, join(fixtures, 'hostile')].flatMap((directory) =>
  readdirSync(directory)
    .filter((name) => /\.(?:c|cpp)$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(directory, name), 'latin1') })),
);

function count(tree: SyntaxNode): number {
  let nodes = 0;
  walk(tree, () => {
    nodes++;
    return true;
  });
  return nodes;
}

/** `toEqual` recurses and would not survive a deep tree. */
function flat(tree: SyntaxNode): readonly string[] {
  const nodes: string[] = [];
  walk(tree, ({ type, start, end, field, missing, children }) => {
    nodes.push(`${type} ${start}-${end} ${field} ${missing} ${children.length}`);
    return true;
  });
  return nodes;
}

function hasErrors(tree: SyntaxNode): boolean {
  let errors = 0;
  walk(tree, ({ type, missing }) => {
    if (type === 'ERROR' || missing) errors++;
    return errors === 0;
  });
  return errors > 0;
}

test.each(texts)('$name: the same tree, or errors for both', ({ name, text }) => {
  const language = languageOf(name, text);
  const tree = native.in(language).parse(text);
  const same = wasm.in(language).parse(text);
  if (hasErrors(tree)) expect(hasErrors(same)).toBe(true);
  else expect(flat(same)).toEqual(flat(tree));
});

test('a header is C++ by what it declares', () => {
  const guarded = '#ifdef __cplusplus\nnamespace x {\n#endif\nint f(void);\n';
  expect(languageOf('a.h', guarded)).toBe('c');
  expect(languageOf('a.h', 'extern "C" {\nint f(void);\n}\n')).toBe('c');
  expect(languageOf('a.h', 'class Foo : public Bar {\n public:\n  Foo();\n};\n')).toBe('c++');
  expect(languageOf('a.h', 'namespace x {\nint f();\n}\n')).toBe('c++');
  expect(languageOf('a.c', 'namespace x {\n')).toBe('c');
  expect(languageOf('a.HPP', '')).toBe('c++');
});

test('most fixtures have no errors', () => {
  const whole = texts.filter(({ text }) => !hasErrors(native.parse(text)));
  expect(whole.length).toBeGreaterThan(10);
});

test('of a text that ends anywhere both say whether it is whole', () => {
  const text = texts.map((each) => each.text).find((each) => each.length > 3000) ?? '';
  for (let end = 0; end < 3000; end += 97) {
    const cut = text.slice(0, end);
    expect(hasErrors(wasm.parse(cut)), `${end} characters`).toBe(hasErrors(native.parse(cut)));
  }
});

test('offsets count UTF-16 units', () => {
  const text = '/* é 漢 🐍 */ char *s = "🐍🐍"; int after;';
  for (const parser of [native, wasm]) {
    const words: string[] = [];
    walk(parser.parse(text), ({ type, start, end }) => {
      if (type === 'identifier') words.push(text.slice(start, end));
      return true;
    });
    expect(words, parser.backend).toEqual(['s', 'after']);
  }
});

test('a text of a megabyte', () => {
  const text = 'void f(char *p) { p = g(p, 1); }\n'.repeat(32_000);
  const tree = native.parse(text);
  expect(tree.end).toBe(text.length);
  expect(count(wasm.parse(text))).toBe(count(tree));
});

test('ten thousand parentheses', () => {
  const text = `int x = ${'('.repeat(10_000)}1${')'.repeat(10_000)};`;
  for (const parser of [native, wasm]) expect(parser.parse(text).end).toBe(text.length);
});

test('a node encloses its children, in order and apart', () => {
  for (const { name, text } of texts)
    walk(native.parse(text), ({ start, end, children }) => {
      let from = start;
      for (const each of children) {
        if (each.start < from || each.end < each.start || each.end > end)
          throw new Error(`${name}: ${each.type} at ${each.start} is out of place`);
        from = each.end;
      }
      return true;
    });
});

test('a folder without the grammar is an error that names the parser', async () => {
  await expect(loadParser({ backend: 'wasm', wasmDirectory: '/nowhere' })).rejects.toThrow(
    /wasm|nowhere/,
  );
});
