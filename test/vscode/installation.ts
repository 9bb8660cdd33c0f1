// The VS Code and the browser that these tests drive, as scripts/vscode-under-test.mjs installs them, and whether this
// machine can have them at all. Knows nothing about the product.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { needs } from '../needs.ts';

export interface Installation {
  /** The Node that runs code-server; not the one that runs the tests. */
  readonly node: string;
  /** The folder of the code-server package. */
  readonly codeServer: string;
  readonly chromium: string;
}

const script = fileURLToPath(new URL('../../scripts/vscode-under-test.mjs', import.meta.url));

/** Exit code of the script when the machine lacks something that it cannot bring. */
const CANNOT_RUN = 3;

export function needsVSCode(): ReturnType<typeof needs> {
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  const why = stderr.trim().split('\n').at(-1) ?? '';
  if (status !== 0 && status !== CANNOT_RUN) throw new Error(why);
  return needs('VS Code and a browser', status === 0, why);
}

/** Installs what is missing; minutes on a new machine, a moment on any other. */
export function install(): Installation {
  const { status, stdout } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
  const installed: unknown = JSON.parse(stdout);
  if (!isInstallation(installed)) throw new Error(`${script} printed ${stdout}`);
  return installed;
}

function isInstallation(value: unknown): value is Installation {
  if (typeof value !== 'object' || value === null) return false;
  return 'node' in value && 'codeServer' in value && 'chromium' in value;
}
