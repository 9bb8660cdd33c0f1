// Loads the parsers of C and C++: the native addons where they load, else the same grammars as WebAssembly.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Cursor, GrammarNames, treeFromCursor } from './cursor-tree.ts';
import type { Language } from './language.ts';
import { finisher, type Parse, parserOf } from './language-parsers.ts';
import type { Parser } from './parser.ts';
import { wasmParser } from './wasm-parser.ts';

export interface ParserOptions {
  /** auto: native, and wasm where the addon does not load. */
  readonly backend: 'native' | 'wasm' | 'auto';
  /** The folder with tree-sitter.wasm and those of the grammars; default: the npm packages. */
  readonly wasmDirectory?: string;
}

const requireHere = createRequire(
  typeof __filename === 'string' ? __filename : path.join(process.cwd(), 'package.json'),
);

/** Throws an Error that names the backend when it cannot be loaded. */
export async function loadParser(options: ParserOptions): Promise<Parser> {
  if (options.backend === 'native') return loadNative();
  if (options.backend === 'auto') {
    try {
      return loadNative();
    } catch {
      // Not installed, or no prebuilt binary for this platform: the wasm parser gives the same trees.
    }
  }
  return loadWasm(options.wasmDirectory);
}

interface NativeParser {
  setLanguage(language: unknown): void;
  parse(text: string, oldTree: undefined, options: { bufferSize: number }): { walk(): Cursor };
}

/** npm packages; the `.wasm` of a grammar has the same name. */
const GRAMMARS: Readonly<Record<Language, string>> = {
  c: 'tree-sitter-c',
  'c++': 'tree-sitter-cpp',
};

function loadNative(): Parser {
  try {
    return parserOf('native', { c: nativeParse('c'), 'c++': nativeParse('c++') });
  } catch (error) {
    throw new Error(`the native tree-sitter parser does not load: ${String(error)}`, {
      cause: error,
    });
  }
}

function nativeParse(language: Language): Parse {
  const parse = nativeTree(language);
  const names = new GrammarNames();
  return (text) => treeFromCursor(parse(text).walk(), names, finisher(language, text));
}

function nativeTree(language: Language): (text: string) => { walk(): Cursor } {
  const Native: new () => NativeParser = requireHere('tree-sitter');
  const native = new Native();
  native.setLanguage(requireHere(GRAMMARS[language]));
  // The binding copies the text through a buffer of fixed size; one that is too small is an error.
  return (text) => native.parse(text, undefined, { bufferSize: 2 * text.length + 1024 });
}

/** The native parser alone, which makes none of our nodes: what benchmarks compare with. */
export function parsingAlone(): (text: string, language: Language) => void {
  const trees = { c: nativeTree('c'), 'c++': nativeTree('c++') };
  return (text, language) => void trees[language](text);
}

async function loadWasm(directory: string | undefined): Promise<Parser> {
  const read = (pkg: string, name: string): Uint8Array =>
    readFileSync(
      directory === undefined ? requireHere.resolve(`${pkg}/${name}`) : path.join(directory, name),
    );
  const grammar = (language: Language): Uint8Array =>
    read(GRAMMARS[language], `${GRAMMARS[language]}.wasm`);
  return wasmParser({
    engine: read('web-tree-sitter', 'tree-sitter.wasm'),
    grammars: { c: grammar('c'), 'c++': grammar('c++') },
  });
}
