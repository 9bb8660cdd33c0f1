// A VS Code without a server behind it, as on vscode.dev: the workbench of code-server's web build as static files,
// with no remote, so that extensions run in the browser's worker alone. Serves the files of a folder to `served-files`.
import fs from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { checkout } from '../package.ts';
import type { Host } from '../host.ts';
import { QUIET } from '../server.ts';

export interface WebServerOptions {
  /** The folder of the code-server package. */
  readonly codeServer: string;
  /** The folder of an extension that is not packed any more. */
  readonly extension: string;
  /** What is open. */
  readonly workspace: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** The path of the open folder. */
const WORKSPACE = '/workspace';
const SERVED_FILES = path.join(checkout, 'test/vscode/web-host/served-files');

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export class WebServer implements Host {
  readonly url: string;
  readonly #server: Server;
  readonly #workspace: string;

  private constructor(server: Server, url: string, workspace: string) {
    this.#server = server;
    this.url = url;
    this.#workspace = workspace;
  }

  static async start(options: WebServerOptions): Promise<WebServer> {
    const vscode = path.join(options.codeServer, 'lib/vscode');
    const roots: Readonly<Record<string, string>> = {
      static: vscode,
      extension: options.extension,
      'served-files': SERVED_FILES,
    };
    const server = createServer((request, response) => {
      const { pathname, host } = new URL(request.url ?? '/', `http://${request.headers.host}`);
      const [, first = '', ...rest] = decodeURIComponent(pathname).split('/');
      const root = roots[first];
      if (pathname === '/') send(response, 'text/html', page(host, options));
      else if (root !== undefined) sendFile(response, inside(root, rest));
      else if (`/${rest[0]}` === WORKSPACE)
        serveWorkspace(first, inside(options.workspace, rest.slice(1)), request, response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return new WebServer(server, `http://127.0.0.1:${address.port}`, options.workspace);
  }

  folderParameter(folder: string): string {
    return this.uri(folder);
  }

  uri(file: string): string {
    const place = path.relative(this.#workspace, file);
    return `served://${new URL(this.url).host}${path.posix.join(WORKSPACE, place)}`;
  }

  keepLogs(): void {
    // There are none but the page's.
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function page(host: string, { settings }: WebServerOptions): string {
  const at = (place: string): object => ({ scheme: 'http', authority: host, path: place });
  const configuration = {
    additionalBuiltinExtensions: [at('/served-files'), at('/extension')],
    configurationDefaults: { ...QUIET, ...settings },
    webviewEndpoint: `http://${host}/static/out/vs/workbench/contrib/webview/browser/pre`,
    userDataPath: '/',
    isEnabledFileDownloads: false,
    isEnabledFileUploads: false,
    isEnabledCoderGettingStarted: false,
    productConfiguration: {
      nameShort: 'Code Web',
      nameLong: 'Code Web',
      applicationName: 'code-web',
      extensionsGallery: undefined,
    },
  };
  const escaped = JSON.stringify(configuration).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta id="vscode-workbench-web-configuration" data-settings="${escaped}">
<meta id="vscode-workbench-web-base-url" data-settings="/static">
<link rel="stylesheet" href="/static/out/vs/code/browser/workbench/workbench.css">
</head>
<body aria-label="">
</body>
<script>globalThis._VSCODE_FILE_ROOT = new URL('/static/out/', location.href).toString();</script>
<script type="module" src="/static/out/nls.messages.js"></script>
<script type="module" src="/static/out/vs/code/browser/workbench/workbench.js"></script>
</html>`;
}

function inside(root: string, names: readonly string[]): string {
  return path.join(root, path.join('/', ...names));
}

function serveWorkspace(
  what: string,
  file: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (what === 'write') {
    request.pipe(fs.createWriteStream(file)).on('finish', () => response.writeHead(204).end());
    return;
  }
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    response.writeHead(404).end();
    return;
  }
  switch (what) {
    case 'stat': {
      const type = stats.isDirectory() ? 2 : 1;
      const { ctimeMs: ctime, mtimeMs: mtime, size } = stats;
      send(response, 'application/json', JSON.stringify({ type, ctime, mtime, size }));
      return;
    }
    case 'list': {
      const entries = fs.readdirSync(file, { withFileTypes: true });
      const told = entries.map((entry) => [entry.name, entry.isDirectory() ? 2 : 1]);
      send(response, 'application/json', JSON.stringify(told));
      return;
    }
    case 'read':
      sendFile(response, file);
      return;
    default:
      response.writeHead(404).end();
  }
}

function sendFile(response: ServerResponse, file: string): void {
  fs.readFile(file, (error, content) => {
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    if (error !== null) response.writeHead(404).end();
    else send(response, type, file.endsWith(WORKBENCH) ? inBrowser(content.toString()) : content);
  });
}

const WORKBENCH = '/workbench/workbench.js';

/** What code-server has put into VS Code's workbench, to have its own server behind it, and what VS Code has there. */
const CODE_SERVER_PATCHES: readonly (readonly [RegExp, string])[] = [
  [/,remoteAuthority:location\.host\}/, '}'],
  [/(\.with\(\{scheme:\w+\.)vscodeRemote(\}\),"User"\))/, '$1vscodeUserData$2'],
];

function inBrowser(workbench: string): string {
  let text = workbench;
  for (const [patch, original] of CODE_SERVER_PATCHES) {
    if (!patch.test(text)) throw new Error(`the workbench has no ${patch.source}`);
    text = text.replace(patch, original);
  }
  return text;
}

function send(response: ServerResponse, type: string, content: string | Buffer): void {
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(content);
}
