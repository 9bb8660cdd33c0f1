// Workspace files read through the client, for a server without a file system.
import type { Connection } from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { decode, type Source } from '../files/decode-source.ts';
import { ClientTree } from './client-tree.ts';
import type { WorkspaceFiles } from './files.ts';
import {
  READ_FILE_REQUEST,
  READ_FOLDER_REQUEST,
  type ReadFileResult,
  type ReadFolderResult,
} from './protocol.ts';
import { RecentTexts } from './recent-texts.ts';
import { treeFiles, type TreePlace } from './tree-files.ts';

/** The connection must carry bytes: that of a worker does, one of JSON does not. */
export function clientFiles(connection: Connection): WorkspaceFiles {
  /** By scheme and authority. */
  const trees = new Map<string, ClientTree>();
  const recent = new RecentTexts();

  function treeOf(uri: URI): ClientTree {
    const key = uri.with({ path: '/', query: '', fragment: '' }).toString();
    const known = trees.get(key);
    if (known !== undefined) return known;
    const uriOf = (path: string): string => uri.with({ path }).toString();
    const tree = new ClientTree({
      list: (folder) =>
        connection.sendRequest<ReadFolderResult>(READ_FOLDER_REQUEST, { uri: uriOf(folder) }),
      readText: async (file) => {
        const source = await read(uriOf(file));
        return source.kind === 'text' ? source.text : null;
      },
      warn: (message) => connection.console.warn(message),
    });
    trees.set(key, tree);
    return tree;
  }

  function placeOf(uri: URI): TreePlace {
    const tree = treeOf(uri);
    return {
      tree,
      path: uri.path,
      uriOf: (path) => uri.with({ path }).toString(),
      look: (ask) => tree.look(ask),
    };
  }

  async function read(uri: string): Promise<Source> {
    const bytes = await connection.sendRequest<ReadFileResult>(READ_FILE_REQUEST, { uri });
    return bytes === null ? NOT_READ : decode(bytes);
  }

  return treeFiles({
    // A document that was never saved has no place.
    placeOf: (uri) => (uri.path.startsWith('/') ? placeOf(uri) : null),
    read: async (uri) => {
      if (!uri.path.startsWith('/')) return NOT_READ;
      const tree = treeOf(uri);
      // Most headers that are looked for are nowhere; the tree knows without asking.
      const isAbsent = await tree.look(() => tree.isAbsent(uri.path));
      const name = uri.toString();
      return isAbsent ? NOT_READ : recent.get(name, () => read(name));
    },
    forget: (uri) => {
      recent.forget(uri?.toString() ?? null);
      if (uri !== null) treeOf(uri).forget(uri.path);
      else for (const tree of trees.values()) tree.forget(null);
    },
  });
}

const NOT_READ: Source = { kind: 'skipped', reason: 'the editor cannot read it' };
