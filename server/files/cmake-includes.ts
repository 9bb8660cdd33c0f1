// The search paths in a CMakeLists.txt, by text: include_directories and target_include_directories, with
// the folders that CMake itself names and what set() gives a name.
import { buildText, isCSource } from './build-text.ts';
import { type BuildFile, type IncludeSet, NO_BUILD_FILE } from './build-file.ts';

const KEYWORDS: ReadonlySet<string> = new Set(
  'AFTER BEFORE SYSTEM INTERFACE PUBLIC PRIVATE'.split(' '),
);

interface Command {
  readonly name: string;
  readonly words: readonly string[];
}

export function cmakeIncludes(
  text: string,
  { folder, top }: { readonly folder: string; readonly top: string },
): BuildFile {
  const variables = new Map([
    ['CMAKE_CURRENT_SOURCE_DIR', folder],
    ['CMAKE_CURRENT_LIST_DIR', folder],
    ['CMAKE_SOURCE_DIR', top],
    ['PROJECT_SOURCE_DIR', top],
  ]);
  const commands = commandsIn(text, variables);
  const sets = commands.flatMap(({ name, words }): IncludeSet[] => {
    if (name === 'include_directories') return [{ folders: foldersIn(words), sources: null }];
    if (name !== 'target_include_directories') return [];
    const [target, ...rest] = words;
    const sources = commands
      .filter((other) => other.words[0] === target)
      .flatMap((other) => other.words.slice(1).filter(isCSource));
    return [{ folders: foldersIn(rest), sources: sources.length === 0 ? null : sources }];
  });
  const subfolders = commands
    .filter(({ name }) => name === 'add_subdirectory')
    .flatMap(({ words }) => words.slice(0, 1));
  return { ...NO_BUILD_FILE, sets, subfolders };
}

/** In order, with the variables that are known by then in their place. */
function commandsIn(text: string, variables: Map<string, string>): Command[] {
  const { code, calls } = buildText(text, 'cmake');
  let left = MAX_EXPANDED;
  return calls
    .toSorted((a, b) => a.at - b.at)
    .map(({ name, from, to }) => {
      const known = code.slice(from, to).replace(/\$\{(\w+)\}/g, (whole, variable) => {
        const value = left > 0 ? (variables.get(variable) ?? whole) : whole;
        left -= value.length;
        return value;
      });
      const words = Array.from(known.matchAll(/"([^"]*)"|[^\s";]+/g), ([word, quoted]) =>
        (quoted ?? word).replace(/^\$<(?:BUILD_INTERFACE|COMPILE_LANGUAGE):(.*)>$/, '$1'),
      ).filter((word) => !/[${}<>]/.test(word));
      const [variable, ...values] = words;
      const command = name.toLowerCase();
      if (command === 'set' && variable !== undefined && values.length > 0) {
        variables.set(variable, values.join(';').slice(0, MAX_VALUE));
      }
      return { name: command, words };
    });
}

/** In UTF-16 units; a list may name itself again and again. */
const MAX_VALUE = 8 * 1024;
/** The same, of all values that are put in the place of variables in one file. */
const MAX_EXPANDED = 512 * 1024;

function foldersIn(words: readonly string[]): string[] {
  return words.filter((word) => !KEYWORDS.has(word));
}
