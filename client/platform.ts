// What the desktop and the browser do in their own ways: an interface, so that the rest of the extension
// knows neither Node nor workers.
import type * as vscode from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';

export interface Platform {
  createClient(options: LanguageClientOptions): BaseLanguageClient;
  /** The commands about findings that the server may offer. */
  readonly commands: readonly string[];
  /** The command Prove It for Real, or what says why it cannot be had. `ready`: the active document has been checked. */
  registerProof(ready: () => Promise<void>): vscode.Disposable;
}
