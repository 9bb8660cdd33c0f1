// The language server as the extension sees it: start, once there is something for it to check; restart, lint on
// request, and the status item that says how it is.
import * as vscode from 'vscode';
import { usualPython } from '../simulator/target.ts';
import {
  type BaseLanguageClient,
  CloseAction,
  type ErrorHandler,
  type ExecuteCommandParams,
  ExecuteCommandRequest,
  type LanguageClientOptions,
  State,
  WorkDoneProgress,
} from 'vscode-languageclient';
import { firstFinding } from './finding-lookup.ts';
import type { Platform } from './platform.ts';
import { projectPython, type ProjectPython, pythonText } from './project-python.ts';
import { PROJECT_FILES, watchForPython } from './python-watch.ts';
import { linkToRule } from './rule-page.ts';
import {
  CHECKED_NOTIFICATION,
  type CheckedNotification,
  CLIENT_COMMANDS,
  type InitializationOptions,
  isFindingPlace,
  type LintFileArgument,
  type LintSummary,
  NAMESPACE,
  SERVER_COMMANDS,
  type SuppressArgument,
  type TitledPath,
} from '../server/lsp/protocol.ts';

const DOCUMENTS = [{ language: 'c' }, { language: 'cpp' }];
const WAITS_FOR = `C or C++ that uses the Python C API, or a folder with ${PROJECT_FILES.join(', ')}`;

export class Server implements vscode.Disposable {
  readonly #client: BaseLanguageClient;
  readonly #log: vscode.LogOutputChannel;
  readonly #status: vscode.LanguageStatusItem;
  #checked: CheckedNotification | null = null;
  /** By the URI of a checked file: what its project is for. */
  readonly #pythons = new Map<string, ProjectPython | null>();
  /** How many there were. */
  #runs = 0;
  #workspaceRun: vscode.CancellationTokenSource | null = null;
  #starting: Promise<void> = Promise.resolve();
  /** null: it has been started, for good. */
  #waiting: vscode.Disposable | null = new vscode.Disposable(() => undefined);
  /** In milliseconds, of what the extension host waited for; null: not yet. */
  #activation: number | null = null;
  /** In milliseconds, until the server answered; null: not yet. */
  #serverStart: number | null = null;

  constructor(log: vscode.LogOutputChannel, platform: Platform) {
    this.#log = log;
    this.#status = vscode.languages.createLanguageStatusItem(NAMESPACE, DOCUMENTS);
    this.#status.name = 'PyMem Lint';
    this.#client = platform.createClient({
      ...clientOptions(log, platform.commands),
      errorHandler: this.#errorHandler(),
    });
    this.#client.onDidChangeState(({ newState }) => this.#showState(newState));
    this.#client.onNotification(CHECKED_NOTIFICATION, async (checked: CheckedNotification) => {
      this.#pythons.set(checked.uri, await projectPython(checked));
      this.#checked = checked;
      this.#showState(State.Running);
    });
  }

  /** The finding, to be shown on a Python that its project is for. */
  forProject(finding: TitledPath): TitledPath {
    const file = finding.path.steps[finding.path.fault]?.at.file ?? '';
    return { ...finding, python: usualPython(this.#pythons.get(file)?.versions ?? null) };
  }

  /** As soon as a document has to do with Python. */
  startWhenNeeded(): void {
    this.#showWaiting();
    const watch = watchForPython(DOCUMENTS, (why) => {
      this.#log.info(`the server starts: ${why}`);
      void this.start();
    });
    if (this.#waiting === null) watch.dispose();
    else this.#waiting = watch;
  }

  /** Once, whoever asks. Never rejects: a server that does not start is told in the status item and the log. */
  start(): Promise<void> {
    if (this.#waiting === null) return this.#starting;
    this.#waiting.dispose();
    this.#waiting = null;
    return this.#launch();
  }

  /** For commands about findings: resolves when the active document has been checked; it is where it has not been. */
  async ready(): Promise<void> {
    await this.start();
    const document = activeDocument();
    if (document === null || this.#pythons.has(this.#uriOf(document))) return;
    const summary = await this.#execute(this.#lintFileParams(document));
    if (summary !== null && summary.findings > 0) await firstFinding(document.uri);
  }

  #launch(): Promise<void> {
    const began = performance.now();
    this.#starting = this.#tryTo(async () => {
      await this.#client.start();
      this.#serverStart = Math.round(performance.now() - began);
      this.#log.info(`server started in ${this.#serverStart} ms`);
    });
    return this.#starting;
  }

  async restart(): Promise<void> {
    if (this.#waiting !== null) return this.start();
    // A client that is starting cannot be stopped.
    await this.#starting;
    await this.#tryTo(() => this.#client.stop());
    await this.#launch();
  }

  /** The server's start is not part of it. */
  activatedIn(milliseconds: number): void {
    this.#activation = Math.round(milliseconds);
    this.#log.info(`activated in ${this.#activation} ms`);
  }

  async #tryTo(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#failed(error);
    }
  }

  async lintFile(): Promise<void> {
    const document = activeDocument();
    if (document === null) {
      vscode.window.setStatusBarMessage('PyMem Lint: open a C file first', 5_000);
      return;
    }
    const summary = await this.#execute(this.#lintFileParams(document));
    if (summary !== null) this.#showSummary(summary);
  }

  #uriOf({ uri }: vscode.TextDocument): string {
    return this.#client.code2ProtocolConverter.asUri(uri);
  }

  #lintFileParams(document: vscode.TextDocument): ExecuteCommandParams {
    const argument: LintFileArgument = { uri: this.#uriOf(document) };
    return { command: SERVER_COMMANDS.lintFile, arguments: [argument] };
  }

  lintWorkspace(): Promise<void> {
    return this.#lintFiles({ command: SERVER_COMMANDS.lintWorkspace });
  }

  /** `folder`: as the explorer names it; the user picks one where there is none. */
  async lintFolder(folder: unknown): Promise<void> {
    const chosen =
      folder instanceof vscode.Uri ? folder : (await vscode.window.showWorkspaceFolderPick())?.uri;
    if (chosen === undefined) return;
    const argument: LintFileArgument = { uri: this.#client.code2ProtocolConverter.asUri(chosen) };
    await this.#lintFiles({ command: SERVER_COMMANDS.lintFolder, arguments: [argument] });
  }

  /** Of the workspace, or of a folder. */
  stopLinting(): void {
    this.#workspaceRun?.cancel();
  }

  /** Asks why, and writes the comment. */
  async suppress(place: unknown, scope: unknown): Promise<void> {
    if (!isFindingPlace(place) || !isScope(scope)) return;
    const reason = await vscode.window.showInputBox({
      title: `Suppress ${place.rule}`,
      prompt: 'Why is this intended? The next reader will see it in the comment.',
    });
    if (reason === undefined) return;
    const argument: SuppressArgument = { place, scope, reason };
    const params = { command: SERVER_COMMANDS.suppress, arguments: [argument] };
    try {
      await this.start();
      await this.#client.sendRequest(ExecuteCommandRequest.type, params);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      vscode.window.setStatusBarMessage(`PyMem Lint: ${message}`, 5_000);
    }
  }

  /** As the library has it, but the user is told of a server that ended. */
  #errorHandler(): ErrorHandler {
    let usual: ErrorHandler | undefined;
    const handler = (): ErrorHandler => (usual ??= this.#client.createDefaultErrorHandler());
    return {
      error: (error, message, times) => handler().error(error, message, times),
      closed: async () => {
        const result = await handler().closed();
        if (result.action === CloseAction.Restart) {
          vscode.window.setStatusBarMessage(
            'PyMem Lint: the server ended, starting another',
            10_000,
          );
        }
        return result;
      },
    };
  }

  /** What a report of a defect of ours should hold; no text of the user's files. */
  debugInfo(version: string): string {
    const settings = vscode.workspace.getConfiguration(NAMESPACE);
    const lines = [
      `PyMem Lint ${version}`,
      `VS Code ${vscode.version} (${vscode.env.appHost}), ${vscode.env.remoteName ?? 'local'}`,
      `server: ${this.#stateText()}`,
      `start: activation ${this.#activation} ms, server ${this.#serverStart} ms`,
      `folders: ${vscode.workspace.workspaceFolders?.length ?? 0}, trusted: ${vscode.workspace.isTrusted}`,
      `last check: ${this.#checked === null ? 'none' : this.#lastRun(this.#checked)}`,
      `settings: ${JSON.stringify(settings)}`,
    ];
    return lines.join('\n');
  }

  #stateText(): string {
    if (this.#waiting !== null) return `not started, waits for ${WAITS_FOR}`;
    return `${State[this.#client.state]} ${this.#client.initializeResult?.serverInfo?.version ?? ''}`;
  }

  /** A second call takes over from one that is under way. */
  async #lintFiles(params: ExecuteCommandParams): Promise<void> {
    this.#workspaceRun?.cancel();
    const run = new vscode.CancellationTokenSource();
    this.#workspaceRun = run;
    const summary = await vscode.window.withProgress(
      // In the status bar: a notification would lie over the results.
      { location: vscode.ProgressLocation.Window, title: 'PyMem Lint' },
      (progress) => this.#lintWithProgress(params, progress, run.token),
    );
    const superseded = this.#workspaceRun !== run;
    if (!superseded) this.#workspaceRun = null;
    run.dispose();
    if (summary === null || superseded) return;
    this.#showSummary(summary);
    if (summary.findings > 0)
      await vscode.commands.executeCommand('workbench.actions.view.problems');
  }

  dispose(): void {
    this.#waiting?.dispose();
    this.#status.dispose();
    this.#client.dispose().catch((error: unknown) => this.#log.warn(String(error)));
  }

  async #lintWithProgress(
    params: ExecuteCommandParams,
    progress: vscode.Progress<{ message?: string }>,
    token: vscode.CancellationToken,
  ): Promise<LintSummary | null> {
    this.#runs += 1;
    const workDoneToken = `${NAMESPACE}-${this.#runs}`;
    const listener = this.#client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind !== 'end' && value.message) progress.report({ message: value.message });
    });
    try {
      return await this.#execute({ ...params, workDoneToken }, token);
    } finally {
      listener.dispose();
    }
  }

  /** The server's answer; null when it failed, which has been reported, or was cancelled. */
  async #execute(
    params: ExecuteCommandParams,
    token?: vscode.CancellationToken,
  ): Promise<LintSummary | null> {
    try {
      await this.start();
      const summary: LintSummary = await this.#client.sendRequest(
        ExecuteCommandRequest.type,
        params,
        token,
      );
      return summary;
    } catch (error) {
      if (token?.isCancellationRequested !== true) this.#failed(error);
      return null;
    }
  }

  #showSummary({ files, findings, cancelled }: LintSummary): void {
    const counted = `${count(findings, 'finding')} in ${count(files, 'file')}`;
    const text = cancelled ? `${counted}, stopped early` : counted;
    this.#log.info(text);
    vscode.window.setStatusBarMessage(`PyMem Lint: ${text}`, 10_000);
  }

  #showWaiting(): void {
    this.#status.text = 'PyMem Lint: waiting';
    // One short line: it is not wrapped.
    this.#status.detail = 'for Python.h, setup.py or pyproject.toml';
    this.#status.command = { title: 'Start Server', command: CLIENT_COMMANDS.restartServer };
  }

  #showState(state: State): void {
    this.#status.busy = state === State.Starting;
    const running = state === State.Running;
    this.#status.text = running ? 'PyMem Lint' : 'PyMem Lint: not running';
    this.#status.detail =
      running && this.#checked !== null ? this.#lastRun(this.#checked) : undefined;
    const isWrong = state === State.Stopped || (this.#checked?.trouble ?? null) !== null;
    this.#status.severity = isWrong
      ? vscode.LanguageStatusSeverity.Warning
      : vscode.LanguageStatusSeverity.Information;
    this.#status.command = running
      ? { title: 'Show Log', command: CLIENT_COMMANDS.showLog }
      : { title: 'Restart Server', command: CLIENT_COMMANDS.restartServer };
  }

  #lastRun({ uri, findings, milliseconds, trouble }: CheckedNotification): string {
    const found = trouble === null ? count(findings, 'finding') : `not checked: ${trouble}`;
    const run = `${found} in ${milliseconds} ms`;
    return `${run}; ${pythonText(this.#pythons.get(uri) ?? null)}`;
  }

  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#log.error(error instanceof Error ? error : message);
    this.#status.severity = vscode.LanguageStatusSeverity.Error;
    this.#status.detail = message;
  }
}

function clientOptions(
  log: vscode.LogOutputChannel,
  commands: readonly string[],
): LanguageClientOptions {
  const initializationOptions: InitializationOptions = { commands };
  return {
    documentSelector: DOCUMENTS,
    outputChannel: log,
    initializationOptions,
    diagnosticCollectionName: NAMESPACE,
    // The server decides by its settings when an edit is checked.
    diagnosticPullOptions: { onChange: true, onSave: true },
    middleware: {
      provideDiagnostics: async (document, previousResultId, token, next) => {
        const report = await next(document, previousResultId, token);
        if (report && 'items' in report) report.items.forEach(linkToRule);
        return report;
      },
      handleDiagnostics: (uri, diagnostics, next) => {
        diagnostics.forEach(linkToRule);
        next(uri, diagnostics);
      },
    },
    markdown: {
      isTrusted: {
        enabledCommands: [
          CLIENT_COMMANDS.showSimulatedCrash,
          CLIENT_COMMANDS.debugSimulatedCrash,
          CLIENT_COMMANDS.showFindingPath,
          CLIENT_COMMANDS.proveForReal,
          CLIENT_COMMANDS.showRule,
        ],
      },
    },
  };
}

/** In C or C++; null: there is none. */
function activeDocument(): vscode.TextDocument | null {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && vscode.languages.match(DOCUMENTS, document) > 0
    ? document
    : null;
}

function isScope(value: unknown): value is SuppressArgument['scope'] {
  return value === 'line' || value === 'function' || value === 'file';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
