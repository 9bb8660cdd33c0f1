// Workspace files over a file tree: found, configured and searched for headers as the command line does,
// wherever the tree comes from.
import path from 'node:path';
import { URI } from 'vscode-uri';
import { configFinder } from '../config/find-config.ts';
import { NO_FLAGS, settingsFrom } from '../config/project.ts';
import { cFilesBelow } from '../files/c-files.ts';
import type { Source } from '../files/decode-source.ts';
import type { FileTree } from '../files/file-tree.ts';
import { type ProjectIncludes, projectIncludes } from '../files/project-includes.ts';
import type { WorkspaceFiles } from './files.ts';

/** Where the files of URIs are. */
export interface TreePlace {
  readonly tree: FileTree;
  /** In the tree. */
  readonly path: string;
  /** Of another path in the same tree. */
  uriOf(path: string): string;
  /** The result of `ask` once the tree holds all that it looks at. `ask` may be called again. */
  look<T>(ask: () => T): Promise<T>;
}

export interface FileAccess {
  /** null: there is no tree for such a URI. */
  placeOf(uri: URI): TreePlace | null;
  read(uri: URI): Promise<Source>;
  forget(uri: URI | null): void;
}

export function treeFiles(access: FileAccess): WorkspaceFiles {
  return {
    list: async (folderUri) => {
      const place = access.placeOf(URI.parse(folderUri));
      if (place === null) throw new Error(`${folderUri} is not a folder on disk`);
      const { tree, path: folder } = place;
      const found = await place.look(() =>
        tree.stat(folder)?.kind === 'folder' ? cFilesBelow(tree, folder).files : null,
      );
      if (found === null) throw new Error(`${folderUri} is not a folder`);
      return found.map((file) => place.uriOf(file));
    },

    read: async (uri) => {
      const source = await access.read(URI.parse(uri));
      if (source.kind === 'skipped') throw new Error(source.reason);
      return source.text;
    },

    includePaths: () => {
      /** By URI of a folder: those that have looked at all they need for its files. */
      const known = new Map<string, Promise<ProjectIncludes>>();
      return async (uri) => {
        const place = access.placeOf(URI.parse(uri));
        if (place === null) return [];
        const folder = uri.slice(0, uri.lastIndexOf('/'));
        const looked = known.get(folder) ?? place.look(() => includesAround(place));
        known.set(folder, looked);
        try {
          return (await looked).of(place.path).map((found) => place.uriOf(found));
        } catch {
          // The folder has gone meanwhile.
          return [];
        }
      };
    },

    settingsOf: async (uri, base) => {
      const place = access.placeOf(URI.parse(uri));
      if (place === null) return null;
      const { tree } = place;
      const settings = await place.look(() => {
        const isFolder = tree.stat(place.path)?.kind === 'folder';
        const file = isFolder ? path.join(place.path, 'any.c') : place.path;
        const folder = path.dirname(file);
        const config = configFinder(tree, (shown) => shown)(folder);
        return settingsFrom(config, file, { ...NO_FLAGS, cwd: folder }, base);
      });
      const { targetsFrom } = settings;
      return { ...settings, targetsFrom: targetsFrom === null ? null : place.uriOf(targetsFrom) };
    },

    forget: (uri) => access.forget(uri === null ? null : URI.parse(uri)),
  };
}

function includesAround({ tree, path: file }: TreePlace): ProjectIncludes {
  const includes = projectIncludes(tree);
  includes.of(file);
  return includes;
}
