// Workspace files on disk, for the language server under Node.
import { URI } from 'vscode-uri';
import { disk } from '../files/disk.ts';
import { readSource } from '../files/read-source.ts';
import { treeFiles } from './tree-files.ts';

export const nodeFiles = treeFiles({
  placeOf: (uri) => {
    if (uri.scheme !== 'file') return null;
    return {
      tree: disk,
      path: uri.fsPath,
      uriOf: (path) => URI.file(path).toString(),
      look: async (ask) => ask(),
    };
  },
  read: async (uri) => readSource(uri.fsPath),
  // The disk is looked at anew each time.
  forget: () => undefined,
});
