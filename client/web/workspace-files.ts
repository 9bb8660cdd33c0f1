// Answers what the server asks of files, from the editor's file systems: a file's bytes, and what is in a
// folder of the workspace.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type FileParams,
  type FolderEntry,
  READ_FILE_REQUEST,
  READ_FOLDER_REQUEST,
  type ReadFileResult,
  type ReadFolderResult,
} from '../../server/lsp/protocol.ts';

/** Bytes; no C that people edit comes near it. */
const LARGEST_FILE = 64 * 1024 * 1024;

export function serveFiles(client: BaseLanguageClient): void {
  client.onRequest(READ_FILE_REQUEST, ({ uri }: FileParams) => readFile(vscode.Uri.parse(uri)));
  client.onRequest(READ_FOLDER_REQUEST, ({ uri }: FileParams) => readFolder(vscode.Uri.parse(uri)));
}

async function readFile(uri: vscode.Uri): Promise<ReadFileResult> {
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    return bytes.length > LARGEST_FILE ? null : bytes;
  } catch {
    // Not there, or not to be read: the server looks for headers in many places.
    return null;
  }
}

async function readFolder(uri: vscode.Uri): Promise<ReadFolderResult> {
  if (vscode.workspace.getWorkspaceFolder(uri) === undefined) return null;
  try {
    const entries = await vscode.workspace.fs.readDirectory(uri);
    return entries.map(([name, type]) => ({ name, kind: kindOf(type) }));
  } catch {
    return null;
  }
}

/** A link to a file counts as the file; one to a folder is not followed. */
function kindOf(type: vscode.FileType): FolderEntry['kind'] {
  if ((type & vscode.FileType.File) !== 0) return 'file';
  if ((type & vscode.FileType.SymbolicLink) !== 0) return 'link';
  return type === vscode.FileType.Directory ? 'folder' : 'other';
}
