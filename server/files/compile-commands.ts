// The search paths in compile_commands.json, the database that CMake, Meson, Bear and others write.
// Follows https://clang.llvm.org/docs/JSONCompilationDatabase.html.
import path from 'node:path';
import * as v from 'valibot';
import { type BuildFile, type IncludeSet, NO_BUILD_FILE } from './build-file.ts';

const entrySchema = v.object({
  directory: v.optional(v.string(), '.'),
  file: v.string(),
  arguments: v.optional(v.array(v.string())),
  command: v.optional(v.string()),
});

export function compileCommandIncludes(text: string): BuildFile {
  let all: unknown;
  try {
    all = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { ...NO_BUILD_FILE, broken: 'not JSON' };
  }
  if (!Array.isArray(all)) return { ...NO_BUILD_FILE, broken: 'not a list of commands' };
  const sources = new Map<string, string[]>();
  const sets: IncludeSet[] = [];
  for (const each of all) {
    const { success, output: entry } = v.safeParse(entrySchema, each);
    if (!success) continue;
    const folders = searchPaths(entry.arguments ?? shellWords(entry.command ?? '')).map((folder) =>
      path.join(path.isAbsolute(folder) ? '' : entry.directory, folder),
    );
    const file = path.isAbsolute(entry.file) ? entry.file : path.join(entry.directory, entry.file);
    const key = JSON.stringify(folders);
    const known = sources.get(key);
    if (known !== undefined) known.push(file);
    else {
      const own = [file];
      sources.set(key, own);
      if (folders.length > 0) sets.push({ folders, sources: own });
    }
  }
  return { ...NO_BUILD_FILE, sets };
}

/** In the order in which a compiler searches them for a quoted include. */
const OPTIONS = ['-iquote', '-I', '-isystem', '-idirafter'] as const;

function searchPaths(words: readonly string[]): string[] {
  const found = words.flatMap((word, index) => {
    const option = OPTIONS.find((name) => word.startsWith(name));
    if (option === undefined) return [];
    const folder = word === option ? words[index + 1] : word.slice(option.length);
    return folder === undefined || folder === '' ? [] : [{ option, folder }];
  });
  return OPTIONS.flatMap((name) => found.filter((each) => each.option === name)).map(
    ({ folder }) => folder,
  );
}

/** A command line as a shell splits it; `\` before a quote or a space, as CMake writes it. */
function shellWords(command: string): string[] {
  const word = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\\["' \\]|[^\s"'])+/g;
  return Array.from(command.matchAll(word), ([found]) =>
    found.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(["' \\])/g, (_, double, single, escaped) =>
      double === undefined ? (single ?? escaped) : String(double).replace(/\\(["\\$`])/g, '$1'),
    ),
  );
}
