// The headers of its own project that a file includes, so that their macros and structs are known when it is
// checked alone. Found beside the file, along its search paths, or in an `include` folder above it, those between
// angle brackets in a folder above, too; bounded, never failing.
import { URI, Utils } from 'vscode-uri';
import type { SourceFile } from '../check.ts';
import { type Include, includesOf } from '../preprocess/includes.ts';

/** The text of a file, as edited where it is open; null when there is none. */
export type ReadText = (uri: string) => Promise<string | null>;

const MAX_HEADERS = 64;
/** In UTF-16 units; what is longer was generated. */
const MAX_HEADER = 1024 * 1024;
/** How many folders above the including one are looked at. */
const MAX_LEVELS = 4;

/** Directly or not included, nearest first. */
export async function includedHeaders(
  file: SourceFile,
  read: ReadText,
): Promise<readonly SourceFile[]> {
  const headers = new Map<string, SourceFile>();
  const pending: SourceFile[] = [file];
  for (let from = pending.shift(); from !== undefined; from = pending.shift()) {
    for (const include of includesOf(from.text)) {
      if (headers.size === MAX_HEADERS) return [...headers.values()];
      const header = await find(candidates(from.file, include, file.includePaths ?? []), read);
      if (header === null || header.file === file.file || headers.has(header.file)) continue;
      headers.set(header.file, header);
      pending.push(header);
    }
  }
  return [...headers.values()];
}

async function find(files: readonly string[], read: ReadText): Promise<SourceFile | null> {
  for (const file of files) {
    const text = await read(file);
    if (text !== null) return text.length > MAX_HEADER ? null : { file, text };
  }
  return null;
}

/** `includePaths`: URIs of folders. */
function candidates(
  from: string,
  { name, isAngled }: Include,
  includePaths: readonly string[],
): readonly string[] {
  const uri = URI.parse(from);
  // A document that was never saved has no folder.
  if (!uri.path.startsWith('/') || name.startsWith('/')) return [];
  let folder = Utils.dirname(uri);
  const paths = includePaths.map((path) => URI.parse(path));
  const searched = isAngled ? paths : [folder, ...paths];
  const found = searched.map((path) => Utils.joinPath(path, name));
  for (let level = 0; level < MAX_LEVELS && folder.path !== '/'; level += 1) {
    if (isAngled) found.push(Utils.joinPath(folder, name));
    found.push(Utils.joinPath(folder, 'include', name));
    folder = Utils.dirname(folder);
  }
  return found.map((candidate) => candidate.toString());
}
