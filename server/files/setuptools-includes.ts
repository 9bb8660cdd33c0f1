// The include_dirs of setuptools: Extension(...) in setup.py, [build_ext] in setup.cfg, ext-modules in
// pyproject.toml. Python is not run: literals count, and os.path.join of literals.
import * as v from 'valibot';
import { readToml } from '../config/toml-file.ts';
import {
  type BuildText,
  buildText,
  type Call,
  callAround,
  isCSource,
  MAX_LISTS,
  namedValues,
  stringsIn,
  valueAt,
  withNamedValues,
} from './build-text.ts';
import { type BuildFile, type IncludeSet, NO_BUILD_FILE } from './build-file.ts';

const MAX_LITERALS = 2000;

export function setupPyIncludes(text: string): BuildFile {
  const script = buildText(text, 'script');
  const names = namedValues(script);
  const places = [...script.bare.matchAll(/\binclude_dirs[ \t]*=(?!=)\s*/g)].slice(0, MAX_LISTS);
  const sets = places.map((match): IncludeSet => {
    const value = valueAt(script, match.index + match[0].length);
    const call = callAround(script, match.index);
    return {
      folders: foldersOf(value, names),
      sources: call === null ? null : sourcesOf(script, call, names),
    };
  });
  return { ...NO_BUILD_FILE, sets: sets.filter(({ folders }) => folders.length > 0) };
}

/** The C files that a call names; null: none. */
function sourcesOf(
  { code }: BuildText,
  { from, to }: Call,
  names: ReadonlyMap<string, string>,
): string[] | null {
  const sources = pathsIn(code.slice(from, to), names, mayNameSources).filter(isCSource);
  return sources.length === 0 ? null : sources;
}

function mayNameSources(callee: string): boolean {
  return SAME.has(callee) || /\bglob$/.test(callee);
}

const JOINS: ReadonlySet<string> = new Set(['os.path.join', 'path.join', 'join']);
/** Calls that leave a folder what it is. */
const SAME: ReadonlySet<string> = new Set([
  'str',
  'Path',
  'pathlib.Path',
  'os.path.abspath',
  'os.path.realpath',
  'os.path.normpath',
  'os.fspath',
]);

function foldersOf(expression: string, names: ReadonlyMap<string, string>): string[] {
  return pathsIn(expression, names, (callee) => SAME.has(callee));
}

/** Literals that are in no call but those that are `read`; what is joined is one. */
function pathsIn(
  expression: string,
  names: ReadonlyMap<string, string>,
  read: (callee: string) => boolean,
): string[] {
  const text = buildText(withNamedValues(expression, names), 'script');
  const found: string[] = [];
  let end = 0;
  for (const match of [...text.bare.matchAll(/"_*"/g)].slice(0, MAX_LITERALS)) {
    if (match.index < end) continue;
    const call = callAround(text, match.index);
    if (call === null || !JOINS.has(call.name)) {
      const literal = text.code.slice(match.index, match.index + match[0].length);
      // The letter before it: a format string is none of the literals.
      if (text.bare[match.index - 1] === 'f') continue;
      if (call === null || read(call.name)) found.push(...stringsIn(literal));
      continue;
    }
    end = call.to;
    const joined = stringsIn(text.code.slice(call.from, call.to));
    const others = text.bare.slice(call.from, call.to).match(/[A-Za-z_]\w*(?=[^"\w]|$)/g) ?? [];
    const isHere = others.every(
      (name) => OF_HERE.has(name) || names.get(name)?.includes('__file__') === true,
    );
    if (joined.length > 0 && isHere) found.push(joined.join('/'));
  }
  return found;
}

/** What a script says of the folder that it is in. */
const OF_HERE: ReadonlySet<string> = new Set(
  'os path dirname abspath realpath join getcwd __file__'.split(' '),
);

export function setupCfgIncludes(text: string): BuildFile {
  const option = /^include[_-]dirs[ \t]*[=:]((?:.*)(?:\r?\n[ \t]+.*)*)/gm;
  const sets = Array.from(text.matchAll(option), ([, value = '']): IncludeSet => {
    const folders = value.split(/[\n:;,]/).map((folder) => folder.trim());
    return { folders: folders.filter((folder) => /^[^#%]+$/.test(folder)), sources: null };
  });
  return { ...NO_BUILD_FILE, sets };
}

const names = v.optional(v.array(v.string()), []);
const pyprojectSchema = v.object({
  tool: v.object({
    setuptools: v.object({
      'ext-modules': v.array(v.object({ sources: names, 'include-dirs': names })),
    }),
  }),
});

export function pyprojectIncludes(text: string): BuildFile {
  const toml = readToml(text);
  if (toml.kind === 'broken') {
    return { ...NO_BUILD_FILE, broken: `line ${toml.line}: ${toml.reason}` };
  }
  const { success, output } = v.safeParse(pyprojectSchema, toml.value);
  if (!success) return NO_BUILD_FILE;
  const sets = output.tool.setuptools['ext-modules'].map(
    ({ sources, 'include-dirs': folders }): IncludeSet => ({
      folders,
      sources: sources.length === 0 ? null : sources,
    }),
  );
  return { ...NO_BUILD_FILE, sets };
}
