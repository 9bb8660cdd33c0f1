// The language server: which request is answered by which part, over any connection. No analysis, no
// rendering and no platform: the engine and the files are given from outside.
import {
  type CancellationToken,
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocumentContentRequest,
  WatchKind,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver';
import { suppressionEdit } from '../suppressions/suppress.ts';
import { isHeader } from '../syntax/language.ts';
import { type CheckRunner, describe } from './check-runner.ts';
import { FIX_ALL, includesKind, toCodeActions, toFixAll } from './code-actions.ts';
import { toCodeLenses } from './code-lens.ts';
import { describeClient, initializationOptions } from './client-capabilities.ts';
import { Configuration } from './configuration.ts';
import { Diagnostics } from './diagnostics.ts';
import { Documents } from './documents.ts';
import { isProjectFile, PROJECT_GLOB, type WorkspaceFiles } from './files.ts';
import { changedFiles } from './changed-files.ts';
import { toCommandActions } from './links.ts';
import { Linter } from './linter.ts';
import { refused, suppressArgument, uriArgument } from './commands.ts';
import {
  CHECKED_NOTIFICATION,
  type CheckedNotification,
  type LintSummary,
  NAMESPACE,
  RULE_SCHEME,
  SERVER_COMMANDS,
  type SuppressArgument,
} from './protocol.ts';
import { toHover } from './hover.ts';
import { toDiagnostics, toRange } from './render.ts';
import { rulePage } from './rule-pages.ts';
import { WorkspaceIndex } from './workspace-index.ts';
import { WorkspaceLint } from './workspace-lint.ts';

/** What the server is built from; given from outside so that it runs in Node, in a browser and in tests. */
export interface ServerParts {
  /** Called twice: open documents do not wait for the workspace. */
  readonly createRunner: (warn: (message: string) => void) => CheckRunner;
  /** The rules there are, to validate settings. */
  readonly ruleIds: readonly string[];
  readonly files: WorkspaceFiles;
  readonly version: string;
  /** How long a document must be left alone before it is checked; 150 unless given. */
  readonly quietMilliseconds?: number;
}

/** A hover is for the moment: what is not known by then is not shown. */
const HOVER_MS = 500;

/** Installs the handlers and starts to listen. */
export function startServer(connection: Connection, parts: ServerParts): void {
  let client = describeClient({ processId: null, rootUri: null, capabilities: {} });
  let watching = false;
  const documents = new Documents();
  const configuration = new Configuration(connection, parts.files);
  const createRunner = (): CheckRunner =>
    parts.createRunner((message) => connection.console.warn(message));
  const shared = { connection, documents, configuration };
  const workspace = new WorkspaceLint({ ...shared, files: parts.files, runner: createRunner() });
  const index = new WorkspaceIndex({ files: parts.files, read: readText, log: connection.console });
  const runner = createRunner();
  const linter = new Linter({
    runner,
    log: connection.console,
    read: readText,
    project: async (file) => {
      const linted = workspace.projectOf(file.file);
      return linted.length > 0 ? linted : index.relatedTo(file);
    },
    includePaths: () => parts.files.includePaths?.() ?? (async () => []),
  });
  const diagnostics = new Diagnostics({
    ...shared,
    linter,
    quietMilliseconds: parts.quietMilliseconds ?? 150,
  });

  connection.onInitialize((params): InitializeResult => {
    client = describeClient(params);
    configuration.initialize({
      canAsk: client.answersConfiguration,
      initial: initializationOptions(params).settings,
      ruleIds: parts.ruleIds,
    });
    return {
      serverInfo: { name: NAMESPACE, version: parts.version },
      capabilities: {
        textDocumentSync: {
          openClose: true,
          change: TextDocumentSyncKind.Incremental,
          save: { includeText: false },
        },
        diagnosticProvider: {
          identifier: NAMESPACE,
          interFileDependencies: true,
          workspaceDiagnostics: false,
        },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] },
        hoverProvider: true,
        codeLensProvider: { resolveProvider: false },
        executeCommandProvider: {
          commands: Object.values(SERVER_COMMANDS),
          workDoneProgress: true,
        },
        workspace: {
          workspaceFolders: { supported: true, changeNotifications: false },
          textDocumentContent: { schemes: [RULE_SCHEME] },
        },
      },
    };
  });

  connection.onInitialized(() => {
    inBackground(buildIndex());
    if (!client.registersConfiguration) return;
    const section = { section: NAMESPACE };
    inBackground(connection.client.register(DidChangeConfigurationNotification.type, section));
  });

  documents.onDidOpen(({ document }) => {
    if (client.pullsDiagnostics) workspace.opened(document.uri);
  });
  documents.onDidChangeContent(({ document }) => {
    index.changed(document.uri);
    if (client.pullsDiagnostics) return;
    // A header may change what is found in the files that include it.
    const affected = isHeader(document.uri)
      ? documents.uris()
      : [document.uri, ...linter.dependentsOf(document.uri)];
    for (const uri of affected) inBackground(diagnostics.push(uri));
  });
  documents.onDidSave(({ document }) => {
    parts.files.forget?.(document.uri);
    inBackground(savedTextChanged(document.uri));
  });
  documents.onDidClose(({ document: { uri } }) => {
    parts.files.forget?.(uri);
    diagnostics.cancel(uri);
    linter.forget(uri);
    index.changed(uri);
    configuration.forget(uri);
    if (workspace.covers(uri)) inBackground(workspace.closed(uri));
    else if (!client.pullsDiagnostics) {
      inBackground(connection.sendDiagnostics({ uri, diagnostics: [] }));
    }
  });
  documents.listen(connection);

  connection.languages.diagnostics.on(
    async ({ textDocument: { uri }, previousResultId }, token) => {
      const started = performance.now();
      const report = await diagnostics.pull(uri, previousResultId, token);
      if (client.commands.length > 0) inBackground(tellChecked(uri, started, token));
      return report;
    },
  );

  connection.onCodeAction(async ({ textDocument: { uri }, context }, token) => {
    const document = documents.get(uri);
    if (document === undefined) return [];
    const isWanted = (kind: string): boolean =>
      (context.only ?? [CodeActionKind.QuickFix]).some((asked) => includesKind(asked, kind));
    const options = { versioned: client.versionsEdits };
    const actions = isWanted(CodeActionKind.QuickFix)
      ? context.diagnostics.flatMap((diagnostic) => [
          ...toCodeActions(diagnostic, document, options),
          ...toCommandActions(diagnostic, uri, client),
        ])
      : [];
    if (!isWanted(FIX_ALL)) return actions;
    const checked = await diagnostics.check(uri, token);
    if (checked === null) return actions;
    const found = toDiagnostics(checked.findings, checked.text);
    return [...actions, ...toFixAll(found, document, options)];
  });

  connection.onHover(async ({ textDocument: { uri }, position }, token) => {
    const checked = await within(HOVER_MS, diagnostics.check(uri, token));
    const finding = checked?.findings.find(({ at }) => {
      const { start, end } = toRange(at);
      return !isBefore(position, start) && !isBefore(end, position);
    });
    if (finding === undefined) return null;
    const { python } = await configuration.for(uri);
    return toHover(finding, uri, { ...client, pythons: python?.versions ?? null });
  });

  connection.onCodeLens(async ({ textDocument: { uri } }, token) => {
    const checked = await diagnostics.check(uri, token);
    if (checked === null) return [];
    const { codeLens } = await configuration.for(uri);
    return toCodeLenses(checked, codeLens, client);
  });

  connection.onExecuteCommand(async (params, token, progress): Promise<LintSummary | boolean> => {
    switch (params.command) {
      case SERVER_COMMANDS.lintFile: {
        const uri = uriArgument(params.command, params.arguments);
        documents.markSaved(uri);
        const checked = await diagnostics.check(uri, token);
        inBackground(showDiagnostics([uri]));
        return {
          files: checked === null ? 0 : 1,
          findings: checked?.findings.length ?? 0,
          cancelled: token.isCancellationRequested,
        };
      }
      case SERVER_COMMANDS.lintWorkspace: {
        const makes = params.workDoneToken === undefined && client.showsProgress;
        const summary = await lintFolders(await workspaceFolders(), progress, token, makes);
        if (!watching) inBackground(watchFiles());
        // What is found in an open file may follow from the others.
        inBackground(showDiagnostics(documents.uris()));
        return summary;
      }
      case SERVER_COMMANDS.lintFolder: {
        const folder = uriArgument(params.command, params.arguments).replace(/\/$/, '');
        const makes = params.workDoneToken === undefined && client.showsProgress;
        const summary = await lintFolders([folder], progress, token, makes);
        if (!watching) inBackground(watchFiles());
        inBackground(showDiagnostics(documents.uris()));
        return summary;
      }
      case SERVER_COMMANDS.suppress:
        return suppress(suppressArgument(params.arguments));
      default:
        throw refused(`There is no command ${JSON.stringify(params.command)}.`);
    }
  });

  connection.onRequest(TextDocumentContentRequest.type, ({ uri }) => ({ text: rulePage(uri) }));

  connection.onDidChangeConfiguration(({ settings }) => {
    configuration.changed(settings);
    inBackground(showDiagnostics(documents.uris()));
    inBackground(workspace.renewAll());
  });

  connection.onDidChangeWatchedFiles(({ changes }) => {
    const changed = changedFiles(changes, () => [
      ...index.files(),
      ...workspace.files(),
      ...linter.files(),
    ]);
    for (const uri of [...changed, ...changes.map((c) => c.uri)]) parts.files.forget?.(uri);
    if (changed.some(isProjectFile)) {
      configuration.fileChanged();
      inBackground(showDiagnostics(documents.uris()));
      inBackground(workspace.renewAll());
    }
    for (const uri of changed) {
      if (isProjectFile(uri)) continue;
      index.changed(uri);
      inBackground(workspace.changed(uri));
    }
    const dependents = new Set(changed.flatMap((uri) => linter.dependentsOf(uri)));
    if (dependents.size > 0) inBackground(showDiagnostics([...dependents]));
  });

  connection.onShutdown(() => {
    diagnostics.cancelAll();
    workspace.dispose();
    index.dispose();
    runner.dispose();
  });

  connection.listen();

  async function readText(uri: string): Promise<string | null> {
    const open = documents.get(uri);
    return open === undefined ? parts.files.read(uri).catch(() => null) : open.getText();
  }

  /** What is found in an open file may follow from the others. */
  async function buildIndex(): Promise<void> {
    const folders = await workspaceFolders();
    if (folders.length === 0) return;
    await index.build(folders);
    if (!watching) await watchFiles();
    await showDiagnostics(documents.uris());
  }

  async function savedTextChanged(uri: string): Promise<void> {
    const { run } = await configuration.for(uri);
    if (run === 'onSave') await showDiagnostics([uri]);
  }

  /** Brings the client's diagnostics and lenses up to date. */
  async function showDiagnostics(uris: readonly string[]): Promise<void> {
    if (!client.pullsDiagnostics) {
      await Promise.all(uris.map((uri) => diagnostics.push(uri)));
    } else if (client.refreshesDiagnostics) {
      await connection.languages.diagnostics.refresh();
    }
    if (client.refreshesLenses) await connection.sendRequest(CodeLensRefreshRequest.type);
  }

  /** For the client's status item. */
  async function tellChecked(
    uri: string,
    started: number,
    token: CancellationToken,
  ): Promise<void> {
    const milliseconds = Math.round(performance.now() - started);
    const checked = await diagnostics.check(uri, token);
    if (checked === null) return;
    const { python } = await configuration.for(uri);
    const findings = checked.findings.length;
    const trouble = linter.troubleWith(uri);
    const told: CheckedNotification = { uri, findings, milliseconds, python, trouble };
    await connection.sendNotification(CHECKED_NOTIFICATION, told);
  }

  async function suppress({ place, scope, reason }: SuppressArgument): Promise<boolean> {
    const document = documents.get(place.uri);
    if (document === undefined) throw refused(`${place.uri} is not open.`);
    const file = { file: place.uri, text: document.getText() };
    const { rule } = place;
    const edit = suppressionEdit(file, { line: place.line + 1 }, { rule, scope, reason });
    if (edit === null) throw refused('A comment cannot stand there: it is inside a macro.');
    const { applied } = await connection.workspace.applyEdit({
      changes: { [place.uri]: [{ range: toRange(edit.at), newText: edit.newText }] },
    });
    return applied;
  }

  async function lintFolders(
    folders: readonly string[],
    given: WorkDoneProgressReporter,
    token: Parameters<WorkspaceLint['run']>[2],
    makeProgress: boolean,
  ): Promise<LintSummary> {
    parts.files.forget?.(null);
    if (folders.length === 0) connection.console.info('Lint Workspace: no folder is open.');
    if (!makeProgress) return workspace.run(folders, given, token);
    const progress = await connection.window.createWorkDoneProgress();
    return workspace.run(folders, progress, {
      get isCancellationRequested() {
        return token.isCancellationRequested || progress.token.isCancellationRequested;
      },
      onCancellationRequested: progress.token.onCancellationRequested,
    });
  }

  async function workspaceFolders(): Promise<readonly string[]> {
    if (!client.tellsFolders) return client.folders;
    const folders = await connection.workspace.getWorkspaceFolders();
    return (folders ?? []).map((folder) => folder.uri);
  }

  /** What is known of closed files follows them on disk. */
  async function watchFiles(): Promise<void> {
    if (!client.registersWatchers) return;
    watching = true;
    await connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [
        { globPattern: '**/*.{c,h,cc,cpp,cxx,c++,hh,hpp,hxx,h++}' },
        { globPattern: PROJECT_GLOB },
        // Folders have no names of their own.
        { globPattern: '**', kind: WatchKind.Delete },
      ],
    });
  }

  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => connection.console.error(describe(error)));
  }
}

/** Null when it takes longer. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Position {
  readonly line: number;
  readonly character: number;
}

function isBefore(left: Position, right: Position): boolean {
  return left.line < right.line || (left.line === right.line && left.character < right.character);
}
