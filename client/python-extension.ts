// The interpreter that the user has chosen in the Python extension, where that is installed. Follows its public
// API (microsoft/vscode-python, src/client/api/types.ts, PythonExtension.environments).
import * as vscode from 'vscode';

const PYTHON_EXTENSION = 'ms-python.python';

/** The executable for a folder; null: there is no such extension, or it names none. Never rejects. */
export async function chosenInterpreter(folder: vscode.Uri | undefined): Promise<string | null> {
  const extension = vscode.extensions.getExtension<unknown>(PYTHON_EXTENSION);
  const environment = await activeEnvironment(await startOf(extension), folder);
  const uri = memberOf(memberOf(environment, 'executable'), 'uri');
  return uri instanceof vscode.Uri && uri.scheme === 'file' ? uri.fsPath : null;
}

/** `3.12`; null: as above, or the extension does not run, and is not started for this. Never rejects. */
export async function chosenVersion(folder: vscode.Uri | undefined): Promise<string | null> {
  const extension = vscode.extensions.getExtension<unknown>(PYTHON_EXTENSION);
  if (extension?.isActive !== true) return null;
  const environment = await activeEnvironment(extension.exports, folder);
  const version = memberOf(environment, 'version');
  const [major, minor] = [memberOf(version, 'major'), memberOf(version, 'minor')];
  return typeof major === 'number' && typeof minor === 'number' ? `${major}.${minor}` : null;
}

async function startOf(extension: vscode.Extension<unknown> | undefined): Promise<unknown> {
  try {
    return await extension?.activate();
  } catch {
    // It did not start: the search goes on without it.
    return undefined;
  }
}

async function activeEnvironment(api: unknown, folder: vscode.Uri | undefined): Promise<unknown> {
  if (api === undefined) return undefined;
  try {
    const environments = memberOf(api, 'environments');
    const active = await call(environments, 'getActiveEnvironmentPath', folder);
    return await call(environments, 'resolveEnvironment', active);
  } catch {
    // Its API is another one.
    return undefined;
  }
}

async function call(object: unknown, name: string, argument: unknown): Promise<unknown> {
  const method = memberOf(object, name);
  if (typeof method !== 'function') throw new TypeError(`the Python extension has no ${name}()`);
  const result: unknown = await method.call(object, argument);
  return result;
}

function memberOf(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  // Members of classes are not their own.
  return name in object ? Reflect.get(object, name) : undefined;
}
