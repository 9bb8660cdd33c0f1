// The parsers as WebAssembly, from the bytes of their files: runs wherever there is JavaScript.
import WasmParser from 'web-tree-sitter';
import { GrammarNames, treeFromCursor } from './cursor-tree.ts';
import type { Language } from './language.ts';
import { finisher, type Parse, parserOf } from './language-parsers.ts';
import type { Parser } from './parser.ts';

/** The content of `.wasm` files. */
export interface WasmFiles {
  readonly engine: Uint8Array;
  readonly grammars: Readonly<Record<Language, Uint8Array>>;
}

/** Rejects when they are not what they should be. */
export async function wasmParser({ engine, grammars }: WasmFiles): Promise<Parser> {
  await WasmParser.init({ wasmBinary: engine });
  const load = async (language: Language): Promise<Parse> => {
    const parser = new WasmParser();
    parser.setLanguage(await WasmParser.Language.load(grammars[language]));
    const names = new GrammarNames();
    return (text) => {
      const tree = parser.parse(text);
      const cursor = tree.walk();
      try {
        return treeFromCursor(cursor, names, finisher(language, text));
      } finally {
        cursor.delete();
        tree.delete();
      }
    };
  };
  return parserOf('wasm', { c: await load('c'), 'c++': await load('c++') });
}
