// What the client said at initialization: what it can do, what it wants, which folders it has open.
import type { InitializeParams } from 'vscode-languageserver';
import type { InitializationOptions } from './protocol.ts';

/** What the client said it can do; nothing until it has. */
export interface Client {
  readonly pullsDiagnostics: boolean;
  readonly refreshesDiagnostics: boolean;
  readonly refreshesLenses: boolean;
  readonly versionsEdits: boolean;
  readonly answersConfiguration: boolean;
  readonly registersWatchers: boolean;
  readonly registersConfiguration: boolean;
  readonly showsProgress: boolean;
  readonly tellsFolders: boolean;
  readonly commands: readonly string[];
  readonly folders: readonly string[];
}

export function describeClient(params: InitializeParams): Client {
  const { textDocument, workspace, window } = params.capabilities;
  const root = params.rootUri ? [params.rootUri] : [];
  return {
    pullsDiagnostics: textDocument?.diagnostic !== undefined,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    versionsEdits: workspace?.workspaceEdit?.documentChanges === true,
    answersConfiguration: workspace?.configuration === true,
    registersConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    registersWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    showsProgress: window?.workDoneProgress === true,
    tellsFolders: workspace?.workspaceFolders === true,
    commands: initializationOptions(params).commands ?? [],
    folders: params.workspaceFolders?.map((folder) => folder.uri) ?? root,
  };
}

export function initializationOptions(params: InitializeParams): InitializationOptions {
  const options: unknown = params.initializationOptions;
  if (typeof options !== 'object' || options === null) return {};
  const commands = 'commands' in options && Array.isArray(options.commands) ? options.commands : [];
  return {
    settings: 'settings' in options ? options.settings : undefined,
    commands: commands.filter((command) => typeof command === 'string'),
  };
}
