// Prove It for Real: a finding as a C program, built and run with the user's Python in a terminal, and how it
// ended beside what was simulated. In trusted workspaces only; it runs code.
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { CLIENT_COMMANDS, type TitledPath } from '../server/lsp/protocol.ts';
import { reproduce } from '../simulator/reproduce.ts';
import { printable } from '../simulator/styled-text.ts';
import { targetName } from '../simulator/target.ts';
import { findFinding } from './finding-lookup.ts';
import { chosenInterpreter } from './python-extension.ts';
import { comparison } from './real-end.ts';
import { type RealPython, realPython, runReproduction, writeReproduction } from './real-run.ts';
import { toUri } from './source-place.ts';

const TITLE = 'Prove It for Real';

/** The script's ways, and the builds that they are. */
const WAYS = [
  { way: 'plain', build: 'release' },
  { way: 'debug', build: 'debug' },
] as const;

export function registerProof(ready: () => Promise<void>): vscode.Disposable {
  return vscode.commands.registerCommand(
    CLIENT_COMMANDS.proveForReal,
    async (argument: unknown) => {
      const refusal = whyNot();
      if (refusal !== null) {
        vscode.window.setStatusBarMessage(`PyMem Lint: ${refusal}`, 10_000);
        return;
      }
      await ready();
      const finding = await findFinding(argument, TITLE);
      if (finding === null) return;
      vscode.window.createTerminal({ name: TITLE, pty: new Proof(finding) }).show(true);
    },
  );
}

function whyNot(): string | null {
  if (!vscode.workspace.isTrusted) return 'it builds and runs code; trust this workspace first';
  return process.platform === 'win32'
    ? 'the proof is a shell script and needs a POSIX system'
    : null;
}

class Proof implements vscode.Pseudoterminal {
  readonly #finding: TitledPath;
  readonly #written = new vscode.EventEmitter<string>();
  readonly #stop = new AbortController();
  readonly onDidWrite = this.#written.event;

  constructor(finding: TitledPath) {
    this.#finding = finding;
  }

  open(): void {
    this.#run().catch((error: unknown) => {
      this.#say(error instanceof Error ? error.message : String(error));
    });
  }

  close(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { path: flagged, title } = this.#finding;
    this.#say(printable(title));
    const python = await findPython(folderOf(this.#finding));
    if (python === null) {
      this.#say(
        'No Python was found: install python3, choose one in the Python extension, or make a virtual environment .venv in the folder.',
      );
      return;
    }
    const written = reproduce(flagged, { title, target: python.target });
    if (written === null) {
      this.#say(
        'This path cannot be reproduced: the simulator does not know the allocator of its memory.',
      );
      return;
    }
    const folder = await writeReproduction(written);
    this.#say(
      `${path.join(folder, 'repro.c')}, built and run with ${python.command} (${python.name})`,
    );
    const rows: string[] = [];
    for (const { way, build } of WAYS) {
      this.#say('', `$ sh run.sh ${way}`);
      const onOutput = (text: string): void =>
        this.#written.fire(text.replaceAll(/\r?\n/g, '\r\n'));
      const options = { python, signal: this.#stop.signal, onOutput };
      const real = await runReproduction(folder, way, options);
      if (this.#stop.signal.aborted) return;
      const judgment = written.predictions.find(({ target }) => target.build === build);
      if (judgment !== undefined) rows.push(...comparison(judgment, real));
    }
    this.#say(
      '',
      'Real beside simulated',
      ...(python.isSimulated ? [] : [nearestText(python)]),
      ...rows,
    );
    this.#say('', 'The files stay; sh run.sh asan and sh run.sh valgrind show more.');
  }

  #say(...lines: readonly string[]): void {
    this.#written.fire(lines.map((line) => `${line}\r\n`).join(''));
  }
}

function nearestText({ name, target }: RealPython): string {
  return `${name} is not simulated; the nearest is ${targetName(target)}. It may end otherwise.`;
}

/** The one chosen in the Python extension, the folder's virtual environment, or the first one on the path. */
async function findPython(folder: string): Promise<RealPython | null> {
  const chosen = await chosenInterpreter(vscode.Uri.file(folder));
  const own = ['.venv', 'venv', 'env'].map((name) => path.join(folder, name, 'bin/python'));
  const wanted = [...(chosen === null ? [] : [chosen]), ...own.filter((file) => existsSync(file))];
  for (const command of [...wanted, 'python3', 'python']) {
    const found = await realPython(command, folder);
    if (found !== null) return found;
  }
  return null;
}

function folderOf({ path: flagged }: TitledPath): string {
  const file = flagged.steps[flagged.fault]?.at.file;
  const holder = file === undefined ? undefined : vscode.workspace.getWorkspaceFolder(toUri(file));
  const folder = holder ?? vscode.workspace.workspaceFolders?.[0];
  return folder?.uri.scheme === 'file' ? folder.uri.fsPath : process.cwd();
}
