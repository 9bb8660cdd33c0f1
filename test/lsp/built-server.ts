// The bundles of this checkout in a folder of their own, and processes of them with a client each.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TestClient } from './test-client.ts';

export interface ServerProcess {
  readonly client: TestClient;
  readonly child: ChildProcessWithoutNullStreams;
  readonly stderr: () => string;
  readonly exit: Promise<number | null>;
}

export class BuiltServer {
  readonly dist: string;
  readonly #root: string;

  constructor() {
    this.#root = mkdtempSync(path.join(tmpdir(), 'pymem-lint-stdio-'));
    this.dist = path.join(this.#root, 'dist');
    cpSync('package.json', path.join(this.#root, 'package.json'));
    execFileSync(process.execPath, ['scripts/build.mjs', '--outdir', this.dist]);
  }

  start(bundle: string, ...args: readonly string[]): ServerProcess {
    const child = spawn(process.execPath, [path.join(this.dist, bundle), ...args]);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
    return { client: new TestClient(child.stdout, child.stdin), child, stderr: () => stderr, exit };
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
