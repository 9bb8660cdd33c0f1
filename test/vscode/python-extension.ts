// An extension that answers as the Python extension does when asked for the chosen interpreter: a Python 3.12, it says.
import fs from 'node:fs';
import path from 'node:path';

const MANIFEST = {
  name: 'python',
  publisher: 'ms-python',
  version: '1.0.0',
  engines: { vscode: '^1.91.0' },
  main: './main.js',
  activationEvents: [],
};

/** `root`: of a VS Code that has not been started yet. */
export function addPythonExtension(root: string, interpreter: string): void {
  const folder = path.join(root, 'extensions/ms-python.python-1.0.0');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(MANIFEST));
  fs.writeFileSync(
    path.join(folder, 'main.js'),
    `const { Uri } = require('vscode');
const active = { id: 'chosen', path: 'chosen' };
const environments = {
  getActiveEnvironmentPath: () => active,
  resolveEnvironment: async ({ id }) =>
    id === active.id
      ? {
          executable: { uri: Uri.file(${JSON.stringify(interpreter)}) },
          version: { major: 3, minor: 12, micro: 4 },
        }
      : undefined,
};
exports.activate = () => ({ ready: Promise.resolve(), environments });
`,
  );
}
