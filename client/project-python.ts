// Which Python a file's project is for: what the user has chosen in the Python extension, or else what the server
// has found in the project's files.
import * as vscode from 'vscode';
import type { CheckedNotification } from '../server/lsp/protocol.ts';
import { chosenVersion } from './python-extension.ts';

export interface ProjectPython {
  readonly versions: readonly string[];
  /** Who says so, for a person. */
  readonly from: string;
}

/** null: nobody says. Never rejects. */
export async function projectPython({
  uri,
  python,
}: Pick<CheckedNotification, 'uri' | 'python'>): Promise<ProjectPython | null> {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri));
  const chosen = await chosenVersion(folder?.uri);
  if (chosen !== null) return { versions: [chosen], from: 'chosen in the Python extension' };
  if (python === null) return null;
  return { ...python, from: vscode.workspace.asRelativePath(vscode.Uri.parse(python.from)) };
}

export function pythonText(python: ProjectPython | null): string {
  if (python === null) return 'Python: any version';
  const { versions, from } = python;
  const range = versions.length < 2 ? (versions[0] ?? '') : `${versions[0]} to ${versions.at(-1)}`;
  return `Python ${range} (${from})`;
}
