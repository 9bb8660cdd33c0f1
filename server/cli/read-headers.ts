// The headers of their projects that the checked files include and that were not named: read so that their
// macros and structs are known, as the language server does. What is found in them is not reported.
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SourceFile } from '../check.ts';
import { readSource } from '../files/read-source.ts';
import type { ProjectIncludes } from '../files/project-includes.ts';
import { includedHeaders, type ReadText } from '../lsp/headers.ts';

/** `text` by absolute path, and which others may be looked at; the result as well, sorted by path. */
export async function readHeaders(
  checked: ReadonlyMap<string, string>,
  includes: ProjectIncludes,
  mayRead: (path: string) => boolean = () => true,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, Promise<string | null>>();
  const read: ReadText = (uri) => {
    const path = fileURLToPath(uri);
    const text = known.get(uri) ?? Promise.resolve(mayRead(path) ? textOf(path, checked) : null);
    known.set(uri, text);
    return text;
  };
  const headers = new Map<string, string>();
  for (const [path, text] of checked) {
    const includePaths = includes.of(path).map((folder) => pathToFileURL(folder).href);
    const file: SourceFile = { file: pathToFileURL(path).href, text, includePaths };
    for (const header of await includedHeaders(file, read)) {
      const name = fileURLToPath(header.file);
      if (!checked.has(name)) headers.set(name, header.text);
    }
  }
  return new Map([...headers].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function textOf(path: string, checked: ReadonlyMap<string, string>): string | null {
  const named = checked.get(path);
  if (named !== undefined) return named;
  const source = readSource(path);
  return source.kind === 'text' ? source.text : null;
}
