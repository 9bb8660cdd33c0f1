// The process side of a VS Code under test: code-server with a home, settings and extensions of its own, in a process
// group of its own so that its end takes the extension host and every language server along. Knows no browser.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Host } from './host.ts';
import type { Installation } from './installation.ts';

export interface ServerOptions {
  readonly installation: Installation;
  /** A folder of this run's own. Short: VS Code's unix sockets lie below it. */
  readonly root: string;
  /** Extensions to install, as files. */
  readonly vsix: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More arguments for code-server. */
  readonly flags?: readonly string[];
  /** More environment for the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Settings that keep VS Code from asking, fetching, or drawing over the editor. */
export const QUIET: Readonly<Record<string, unknown>> = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'editor.minimap.enabled': false,
  'editor.hover.delay': 100,
  // What the tests type is what must be in the file.
  'editor.autoIndent': 'none',
  'editor.autoClosingBrackets': 'never',
  'editor.quickSuggestions': 'off',
  'editor.suggestOnTriggerCharacters': false,
  'files.autoSave': 'off',
};

const SERVER_ARGUMENTS = [
  '--auth=none',
  '--bind-addr=127.0.0.1:0',
  '--disable-telemetry',
  '--disable-update-check',
  '--disable-getting-started-override',
  '--ignore-last-opened',
];

export class Server implements Host {
  readonly url: string;
  readonly #logs: string;
  readonly #logFile: string;
  readonly #process: ChildProcess;

  private constructor(options: ServerOptions, server: ChildProcess, url: string) {
    this.url = url;
    this.#logs = path.join(options.root, 'data/logs');
    this.#logFile = path.join(options.root, 'server.log');
    this.#process = server;
  }

  static async start(options: ServerOptions): Promise<Server> {
    const { installation, root, vsix, flags = [] } = options;
    const data = path.join(root, 'data');
    const extensions = path.join(root, 'extensions');
    const home = path.join(root, 'home');
    const temporary = path.join(root, 'tmp');
    for (const folder of [data, extensions, home, temporary])
      fs.mkdirSync(folder, { recursive: true });
    fs.mkdirSync(path.join(data, 'User'));
    const settings = JSON.stringify({ ...QUIET, ...options.settings });
    fs.writeFileSync(path.join(data, 'User/settings.json'), settings);

    // What is built to prove a crash stays there, and goes with the rest.
    const env = { ...environment(home), TMPDIR: temporary, ...options.env };
    const entry = path.join(installation.codeServer, 'out/node/entry.js');
    const folders = ['--user-data-dir', data, '--extensions-dir', extensions];
    for (const file of vsix) {
      const { stdout, stderr } = await promisify(execFile)(
        installation.node,
        [entry, ...folders, '--force', '--install-extension', file],
        { env },
      );
      if (!stdout.includes('successfully installed')) {
        throw new Error(`VS Code did not install ${file}:\n${stdout}${stderr}`);
      }
    }
    const server = spawn(installation.node, [entry, ...folders, ...SERVER_ARGUMENTS, ...flags], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    process.once('exit', () => signalGroup(server, 'SIGKILL')); // if the tests end without stop()
    try {
      const url = await listening(server, path.join(root, 'server.log'));
      return new Server(options, server, url);
    } catch (error) {
      signalGroup(server, 'SIGKILL');
      throw error;
    }
  }

  folderParameter(folder: string): string {
    return folder;
  }

  uri(file: string): string {
    return `vscode-remote://${new URL(this.url).host}${file}`;
  }

  keepLogs(folder: string): void {
    fs.copyFileSync(this.#logFile, path.join(folder, 'server.log'));
    if (fs.existsSync(this.#logs))
      fs.cpSync(this.#logs, path.join(folder, 'logs'), { recursive: true });
  }

  async stop(): Promise<void> {
    const server = this.#process;
    if (server.exitCode === null && server.signalCode === null) {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      signalGroup(server, 'SIGTERM');
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5000))]);
    }
    signalGroup(server, 'SIGKILL'); // children that outlived it
  }
}

/** This process's environment without what an outer VS Code, code-server or test runner left in it. */
function environment(home: string): NodeJS.ProcessEnv {
  const foreign =
    /^(VSCODE_|CODE_SERVER_|VITEST|NODE_OPTIONS$|NODE_ENV$|PASSWORD$|HASHED_PASSWORD$|PORT$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_DATA_HOME: path.join(home, '.data'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}', // no marketplace, so nothing is asked of the network
  };
}

/** Resolves to the server's address as soon as it listens; its output goes to the log file. */
function listening(server: ChildProcess, logFile: string): Promise<string> {
  const log = fs.createWriteStream(logFile);
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      log.write(chunk);
      output += chunk.toString();
      const match = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output);
      if (match?.[1]) resolve(match[1]);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`code-server ended with ${code}:\n${output}`)));
    setTimeout(() => reject(new Error(`code-server did not start:\n${output}`)), 60_000).unref();
  });
}

function signalGroup(server: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (server.pid !== undefined) process.kill(-server.pid, signal);
  } catch {
    // The whole group is gone.
  }
}
