// Entry point of dist/web-client.js, the extension in a browser: the language server is a worker, and reads
// the workspace through this one. There are no processes, so nothing is built and run.
import * as vscode from 'vscode';
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  LanguageClient,
  type MessageTransports,
} from 'vscode-languageclient/browser';
import { CLIENT_COMMANDS, NAMESPACE } from '../../server/lsp/protocol.ts';
import { activateExtension } from '../extension.ts';
import { startWorker } from './server-worker.ts';
import { serveFiles } from './workspace-files.ts';

export function activate(context: vscode.ExtensionContext): void {
  const commands = Object.values(CLIENT_COMMANDS).filter(
    (command) => command !== CLIENT_COMMANDS.proveForReal,
  );
  let worker: Worker | null = null;
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  const start = async (): Promise<MessageTransports> => {
    // The one before, where the server is restarted.
    worker?.terminate();
    worker = await startWorker(context);
    return {
      reader: new BrowserMessageReader(worker),
      writer: new BrowserMessageWriter(worker),
    };
  };
  activateExtension(context, {
    createClient: (options) => {
      const client = new LanguageClient(NAMESPACE, 'PyMem Lint', start, options);
      serveFiles(client);
      return client;
    },
    commands,
    registerProof: () =>
      vscode.commands.registerCommand(CLIENT_COMMANDS.proveForReal, () => {
        vscode.window.setStatusBarMessage(
          'PyMem Lint: Prove It for Real builds and runs a program; open the folder in VS Code on a desktop',
          10_000,
        );
      }),
  });
}
