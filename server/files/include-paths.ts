// Where a project's build files say that `#include "..."` is looked up. Pure over their texts; no build file
// is run, and none is needed. The reading is in project-includes.ts.
import path from 'node:path';
import type { BuildFile, IncludeSet } from './build-file.ts';
import { cmakeIncludes } from './cmake-includes.ts';
import { compileCommandIncludes } from './compile-commands.ts';
import { mesonIncludes } from './meson-includes.ts';
import { pyprojectIncludes, setupCfgIncludes, setupPyIncludes } from './setuptools-includes.ts';

/** In the order in which they are asked; the first is the compiler's own. */
export const BUILD_FILES = [
  'compile_commands.json',
  'setup.py',
  'setup.cfg',
  'pyproject.toml',
  'meson.build',
  'CMakeLists.txt',
] as const;

export type BuildFileName = (typeof BUILD_FILES)[number];

/** `top`: the folder of the outermost build file of its kind, which CMake calls the source folder. */
export function readBuildFile(
  name: BuildFileName,
  text: string,
  { folder, top }: { readonly folder: string; readonly top: string },
): BuildFile {
  switch (name) {
    case 'compile_commands.json':
      return compileCommandIncludes(text);
    case 'setup.py':
      return setupPyIncludes(text);
    case 'setup.cfg':
      return setupCfgIncludes(text);
    case 'pyproject.toml':
      return pyprojectIncludes(text);
    case 'meson.build':
      return mesonIncludes(text);
    case 'CMakeLists.txt':
      return cmakeIncludes(text, { folder, top });
  }
}

/** A set with its places resolved. */
export interface PlacedSet {
  readonly folders: readonly string[];
  readonly sources: ReadonlySet<string> | null;
}

/** `folder`: of the build file, absolute. */
export function placed({ folders, sources }: IncludeSet, folder: string): PlacedSet {
  const absolute = (name: string): string => {
    const place = path.resolve(folder, name);
    // Of a pattern the folder counts.
    return path.basename(place).includes('*') ? path.join(path.dirname(place), '*') : place;
  };
  return {
    folders: [...new Set(folders.map((name) => path.resolve(folder, name)))],
    sources: sources === null ? null : new Set(sources.map(absolute)),
  };
}

/** Of one file, by its absolute path: the sets that name it, then those for all, then those of other files. */
export function foldersFor(file: string, sets: readonly PlacedSet[]): readonly string[] {
  const any = path.join(path.dirname(file), '*');
  const named = ({ sources }: PlacedSet): boolean =>
    sources !== null && (sources.has(file) || sources.has(any));
  const own = sets.filter(named);
  const shared = sets.filter(({ sources }) => sources === null);
  const others = sets.filter((set) => set.sources !== null && !named(set));
  return [...new Set([...own, ...shared, ...others].flatMap(({ folders }) => folders))];
}
