// Workspace files on disk, for the language server under Node: found and read as the command line does.
import { statSync } from 'node:fs';
import path from 'node:path';
import { URI } from 'vscode-uri';
import { configFinder } from '../config/find-config.ts';
import { NO_FLAGS, settingsFrom } from '../config/project.ts';
import { cFilesBelow } from '../files/c-files.ts';
import { projectIncludes } from '../files/project-includes.ts';
import { readSource } from '../files/read-source.ts';
import type { WorkspaceFiles } from './files.ts';

export const nodeFiles: WorkspaceFiles = {
  list: async (folderUri) => {
    const folder = URI.parse(folderUri);
    if (folder.scheme !== 'file') throw new Error(`${folderUri} is not a folder on disk`);
    if (!statSync(folder.fsPath).isDirectory()) throw new Error(`${folderUri} is not a folder`);
    return cFilesBelow(folder.fsPath).files.map((file) => URI.file(file).toString());
  },

  read: async (uri) => {
    const source = readSource(URI.parse(uri).fsPath);
    if (source.kind === 'skipped') throw new Error(source.reason);
    return source.text;
  },

  includePaths: () => {
    const includes = projectIncludes();
    return (uri) => {
      const file = URI.parse(uri);
      if (file.scheme !== 'file') return [];
      return includes.of(file.fsPath).map((folder) => URI.file(folder).toString());
    };
  },

  settingsOf: (uri, base) => {
    const file = URI.parse(uri);
    if (file.scheme !== 'file') return null;
    const isFolder = statSync(file.fsPath, { throwIfNoEntry: false })?.isDirectory() === true;
    const place = isFolder ? path.join(file.fsPath, 'any.c') : file.fsPath;
    const folder = path.dirname(place);
    const config = configFinder((shown) => shown)(folder);
    return settingsFrom(config, place, { ...NO_FLAGS, cwd: folder }, base);
  },
};
