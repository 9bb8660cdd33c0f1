// What the text of one file says about function pointers: initializers of globals and tables, members
// that are set to a function of the table, symbols that are looked up by name. As text: such places are
// full of macros, and function bodies are not parsed before they are explored.
import { allRows, apiRow } from '../knowledge/row.ts';
import { expandUse, argumentsAt } from '../preprocess/expand.ts';
import {
  type InitializerItem,
  splitInitializer,
  withoutComments,
} from '../preprocess/initializer.ts';
import type { MacroDefinition, MacroTable } from '../preprocess/macros.ts';
import { handlesMemory } from './functions.ts';

export interface PointerTable {
  readonly name: string;
  readonly isStatic: boolean;
  readonly isConstant: boolean;
  readonly type: string;
  readonly isArray: boolean;
  readonly items: readonly InitializerItem[];
}

export interface PointerList extends Pick<PointerTable, 'type'> {
  readonly items: readonly Pick<InitializerItem, 'member' | 'text'>[];
  readonly start: number;
  readonly end: number;
}

export interface PointerFacts {
  /** Globals that begin with a function: `static freefunc hook = release;`. */
  readonly globals: readonly {
    readonly name: string;
    readonly isStatic: boolean;
    readonly isConstant: boolean;
    readonly function: string;
  }[];
  readonly tables: readonly PointerTable[];
  /** Lists that name something and initialize no array, of globals, locals and compound literals; 0-based offsets. */
  readonly lists: readonly PointerList[];
  /** Members that are set to a function that handles memory. */
  readonly members: readonly string[];
}

const CAST = String.raw`(?:\([^()]*(?:\([^()]*\)[^()]*)*\)\s*)?`;
const GLOBAL = new RegExp(
  String.raw`(?:\(\s*\*\s*(const\s+)?(\w+)\s*\)\s*\([^;{}=]*\)|\b(const\s+)?(\w+))\s*=\s*${CAST}&?\s*([A-Za-z_]\w*)\s*;`,
  'g',
);
const TABLE = /\b([A-Za-z_]\w*)(?:\s*\*)?\s+(?:const\s+)?([A-Za-z_]\w*)\s*(?:(\[\w*\])\s*)?=\s*\{/g;
/** `Type name = {`, `(Type){`; types of the API have members that are known. */
const LIST =
  /\b(?!Py)([A-Za-z_]\w*)\s+(?:const\s+)?[A-Za-z_]\w*\s*=\s*\{|\(\s*(?:const\s+)?(?:struct\s+)?(?!Py)([A-Za-z_]\w*)\s*\)\s*\{/g;
/** Characters of a list. */
const MAX_LIST = 2000;
const MEMBER = new RegExp(
  String.raw`(?:->|\.)\s*([A-Za-z_]\w*)\s*=\s*${CAST}&?\s*([A-Za-z_]\w*)\s*[;,}]`,
  'g',
);
const FUNCTION_NAME = /free|alloc|del|destroy|release|dispose|dup|new/i;

/** `outline`: the text without function bodies. */
export function pointerFactsOf(text: string, outline: string): PointerFacts {
  const declared = withoutComments(outline);
  return {
    globals: [...declared.matchAll(GLOBAL)].flatMap((match) => {
      const [, constPointer, pointer, constPlain, plain, value] = match;
      const name = pointer ?? plain;
      if (name === undefined || value === undefined || !FUNCTION_NAME.test(value)) return [];
      const before = declarationBefore(declared, match.index);
      return [
        {
          name,
          isStatic: /\bstatic\b/.test(before),
          isConstant: constPointer !== undefined || constPlain !== undefined,
          function: value,
        },
      ];
    }),
    tables: [...declared.matchAll(TABLE)].flatMap((match) => {
      const [whole, type, name, array] = match;
      const open = match.index + whole.length - 1;
      // Tables of numbers may be long.
      const end = declared.indexOf('};', open);
      if (!FUNCTION_NAME.test(declared.slice(open, end < 0 ? undefined : end))) return [];
      const items = splitInitializer(declared, open)?.items ?? [];
      if (!items.some((item) => isFunctionItem(item.text))) return [];
      const before = declarationBefore(declared, match.index);
      return [
        {
          name: name!,
          isStatic: /\bstatic\b/.test(before),
          isConstant: /\bconst\b/.test(before + whole),
          type: type!,
          isArray: array !== undefined,
          items,
        },
      ];
    }),
    lists: listsIn(text),
    members: setMembers(text),
  };
}

function listsIn(text: string): PointerList[] {
  return [...text.matchAll(LIST)].flatMap((match) => {
    const [whole, declared, literal] = match;
    const open = match.index + whole.length - 1;
    const shown = withoutComments(text.slice(open, open + MAX_LIST));
    const list = splitInitializer(shown, 0);
    if (list === null || !list.items.some((item) => isNamed(item.text))) return [];
    const items = list.items.map(({ member, text: value }) => ({ member, text: value }));
    return [{ type: (declared ?? literal)!, items, start: open, end: open + list.end }];
  });
}

/** Members that some code sets to a function that handles memory. */
export function setMembers(text: string): string[] {
  const found = [...text.matchAll(MEMBER)].flatMap(([, member, value]) =>
    handlesMemory(value!) && apiRow(member!)?.kind !== 'type-slot' ? [member!] : [],
  );
  return [...new Set(found)];
}

function declarationBefore(text: string, offset: number): string {
  const start = Math.max(text.lastIndexOf(';', offset - 1), text.lastIndexOf('}', offset - 1));
  return text.slice(start + 1, offset);
}

/** The function that an initializer names: `(freefunc)&release`; null: something else. */
export function functionNamed(text: string): string | null {
  return new RegExp(String.raw`^${CAST}&?\s*([A-Za-z_]\w*)$`).exec(text)?.[1] ?? null;
}

function isNamed(text: string): boolean {
  const name = functionNamed(text);
  return name !== null && name !== 'NULL';
}

function isFunctionItem(text: string): boolean {
  const name = functionNamed(text);
  return name !== null && FUNCTION_NAME.test(name);
}

export interface LoadedSymbol {
  readonly pointer: string;
  readonly symbol: string;
}

const LOADED = new RegExp(
  String.raw`([A-Za-z_]\w*)\s*=\s*${CAST}([A-Za-z_]\w*)\s*\([^;"]*"(\w+)"\s*\)`,
  'g',
);

/** Pointers that are set to what a look-up by name gives: `p_free = dlsym(lib, "free")`, through macros too. */
export function loadedSymbols(
  text: string,
  loading: readonly string[],
  macros: MacroTable,
): LoadedSymbol[] {
  if (!LOADER.test(text) && !loading.some((name) => text.includes(name))) return [];
  const uses = new RegExp(String.raw`^(?![ \t]*#).*\b(${loading.join('|') || '(?!)'})\s*\(`, 'gm');
  const expanded = [...text.matchAll(uses)].flatMap((match) => {
    const name = match[1]!;
    const at = match.index + match[0].lastIndexOf(name) + name.length;
    return expandUse(name, argumentsAt(text, at)?.inner ?? null, macros);
  });
  return [text, ...expanded].flatMap((part) =>
    [...part.matchAll(LOADED)].flatMap(([, pointer, loader, symbol]) =>
      apiRow(loader!)?.symbolArg == null ? [] : [{ pointer: pointer!, symbol: symbol! }],
    ),
  );
}

/** A look-up of a symbol by its name, in any text. */
export const LOADER = new RegExp(
  String.raw`\b(?:${allRows()
    .filter((row) => row.symbolArg !== null)
    .map((row) => row.name)
    .join('|')})\b`,
);

/** Macros that look a symbol up, by themselves or by another one. */
export function loadingMacros(definitions: readonly MacroDefinition[]): string[] {
  const loading = new Set<string>();
  for (let known = -1; loading.size > known; ) {
    known = loading.size;
    for (const { name, body } of definitions) {
      const loads =
        LOADER.test(body) ||
        (loading.size > 0 && [...body.matchAll(/\b(\w+)\s*\(/g)].some(([, f]) => loading.has(f!)));
      if (loads) loading.add(name);
    }
  }
  return [...loading];
}
