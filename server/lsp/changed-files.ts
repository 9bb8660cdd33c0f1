// Which files a client's report of changes is about.
import { type FileEvent, FileChangeType } from 'vscode-languageserver';
import { isC } from '../files/c-files.ts';
import { isProjectFile } from './files.ts';

/**
 * With those in deleted folders: of a folder, clients may report nothing else. `known`: the files that something is
 * known of.
 */
export function changedFiles(
  changes: readonly FileEvent[],
  known: () => Iterable<string>,
): readonly string[] {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const { uri, type } of changes) {
    if (isC(uri) || isProjectFile(uri)) files.add(uri);
    else if (type === FileChangeType.Deleted) folders.add(uri.replace(/\/$/, ''));
  }
  if (folders.size > 0) {
    for (const uri of known()) if (isBelow(uri, folders)) files.add(uri);
  }
  return [...files];
}

function isBelow(uri: string, folders: ReadonlySet<string>): boolean {
  for (let end = uri.lastIndexOf('/'); end > 0; end = uri.lastIndexOf('/', end - 1)) {
    if (folders.has(uri.slice(0, end))) return true;
  }
  return false;
}
