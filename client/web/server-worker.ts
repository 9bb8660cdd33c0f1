// The language server's worker: its script and the parser's files are read here, where the editor knows how.
import * as vscode from 'vscode';
import type { StartMessage } from '../../server/lsp/web/start-message.ts';

export async function startWorker({ extension }: vscode.ExtensionContext): Promise<Worker> {
  const dist = vscode.Uri.joinPath(extension.extensionUri, 'dist');
  const read = (name: string): Thenable<Uint8Array> =>
    vscode.workspace.fs.readFile(vscode.Uri.joinPath(dist, name));
  const [script, engine, c, cxx] = await Promise.all([
    read('web-server.js'),
    read('tree-sitter.wasm'),
    read('tree-sitter-c.wasm'),
    read('tree-sitter-cpp.wasm'),
  ]);
  const { version }: { version: string } = extension.packageJSON;
  const start: StartMessage = {
    kind: 'serve',
    version,
    wasm: { engine, grammars: { c, 'c++': cxx } },
    script: new TextDecoder().decode(script),
  };
  const address = URL.createObjectURL(new Blob([start.script], { type: 'text/javascript' }));
  const worker = new Worker(address);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  worker.postMessage(start);
  return worker;
}
