// Loads a C parser: the native addon where it loads, else the same grammar as WebAssembly.
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Cursor, treeFromCursor } from './cursor-tree.ts';
import type { Parser } from './parser.ts';

export interface ParserOptions {
  /** auto: native, and wasm where the addon does not load. */
  readonly backend: 'native' | 'wasm' | 'auto';
  /** The folder with web-tree-sitter.wasm and tree-sitter-c.wasm; default: the npm packages. */
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

function loadNative(): Parser {
  let native: NativeParser;
  try {
    const Native: new () => NativeParser = requireHere('tree-sitter');
    native = new Native();
    native.setLanguage(requireHere('tree-sitter-c'));
  } catch (error) {
    throw new Error(`the native tree-sitter parser does not load: ${String(error)}`, {
      cause: error,
    });
  }
  return {
    backend: 'native',
    // The binding copies the text through a buffer of fixed size; one that is too small is an error.
    parse: (text) =>
      treeFromCursor(native.parse(text, undefined, { bufferSize: 2 * text.length + 1024 }).walk()),
  };
}

async function loadWasm(directory: string | undefined): Promise<Parser> {
  const { Parser: WasmParser, Language } = await import('web-tree-sitter');
  const file = (pkg: string, name: string): string =>
    directory === undefined ? requireHere.resolve(`${pkg}/${name}`) : path.join(directory, name);
  await WasmParser.init({
    locateFile: () => file('web-tree-sitter', 'web-tree-sitter.wasm'),
  });
  const language = await Language.load(file('tree-sitter-c', 'tree-sitter-c.wasm'));
  const parser = new WasmParser();
  parser.setLanguage(language);
  return {
    backend: 'wasm',
    parse(text) {
      const tree = parser.parse(text);
      if (tree === null) throw new Error('the wasm parser gave no tree');
      const cursor = tree.walk();
      try {
        return treeFromCursor(cursor);
      } finally {
        cursor.delete();
        tree.delete();
      }
    },
  };
}
