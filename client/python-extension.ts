// The interpreter that the user has chosen in the Python extension, where that is installed. Follows its public
// API (microsoft/vscode-python, src/client/api/types.ts, PythonExtension.environments).
import * as vscode from 'vscode';

const PYTHON_EXTENSION = 'ms-python.python';

/** The executable for a folder; null: there is no such extension, or it names none. Never rejects. */
export async function chosenInterpreter(folder: vscode.Uri | undefined): Promise<string | null> {
  const extension = vscode.extensions.getExtension<unknown>(PYTHON_EXTENSION);
  if (extension === undefined) return null;
  try {
    const environments = memberOf(await extension.activate(), 'environments');
    const active = await call(environments, 'getActiveEnvironmentPath', folder);
    const resolved = await call(environments, 'resolveEnvironment', active);
    const uri = memberOf(memberOf(resolved, 'executable'), 'uri');
    return uri instanceof vscode.Uri && uri.scheme === 'file' ? uri.fsPath : null;
  } catch {
    // It did not start, or its API is another one: the search goes on without it.
    return null;
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
