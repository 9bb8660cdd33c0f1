// Entry point of dist/client.cjs, the extension on the desktop and on remote machines: the language server is
// a process of its own.
import type * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { CLIENT_COMMANDS, NAMESPACE } from '../server/lsp/protocol.ts';
import { activateExtension } from './extension.ts';
import { registerProof } from './prove-for-real.ts';

export function activate(context: vscode.ExtensionContext): void {
  const module = context.asAbsolutePath('dist/server.cjs');
  const transport = TransportKind.ipc;
  const options = { execArgv: ['--nolazy', '--inspect=6009', '--enable-source-maps'] };
  const server = { run: { module, transport }, debug: { module, transport, options } };
  activateExtension(context, {
    createClient: (wanted) => new LanguageClient(NAMESPACE, 'PyMem Lint', server, wanted),
    commands: Object.values(CLIENT_COMMANDS),
    registerProof,
  });
}
