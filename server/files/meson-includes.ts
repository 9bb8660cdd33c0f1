// The include_directories() of a meson.build, by text. Follows https://mesonbuild.com/Include-directories.html:
// folders are relative to the file's own.
import {
  buildText,
  callAround,
  isCSource,
  MAX_LISTS,
  namedValues,
  stringsIn,
  valueAt,
  withNamedValues,
} from './build-text.ts';
import type { BuildFile, IncludeSet } from './build-file.ts';

export function mesonIncludes(text: string): BuildFile {
  const script = buildText(text, 'script');
  const names = namedValues(script);
  const argumentsOf = (name: string): string[] =>
    script.calls
      .filter((call) => call.name === name)
      .toSorted((a, b) => a.from - b.from)
      .map(({ from, to }) => script.code.slice(from, to));
  const places = [...script.bare.matchAll(/\binclude_directories[ \t]*:\s*/g)];
  const targets = places.slice(0, MAX_LISTS).map((match): IncludeSet => {
    const value = withNamedValues(valueAt(script, match.index + match[0].length), names);
    const call = callAround(script, match.index);
    const around = call === null ? '' : script.code.slice(call.from, call.to);
    return {
      folders: stringsIn(value).filter((folder) => !isCSource(folder)),
      sources: stringsIn(withNamedValues(around, names)).filter(isCSource),
    };
  });
  const all = argumentsOf('include_directories').flatMap(stringsIn);
  return {
    sets: [
      ...targets.filter(({ sources }) => sources?.length !== 0),
      { folders: all, sources: null },
    ],
    subfolders: argumentsOf('subdir').flatMap((value) => stringsIn(value).slice(0, 1)),
    broken: null,
  };
}
