// The language server as the extension sees it: start, restart, lint on request, and the status item
// that says how it is.
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import {
  type ExecuteCommandParams,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  State,
  TransportKind,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
import {
  CLIENT_COMMANDS,
  type InitializationOptions,
  type LintFileArgument,
  type LintSummary,
  NAMESPACE,
  SERVER_COMMANDS,
} from '../server/lsp/protocol.ts';

const DOCUMENTS = [{ language: 'c' }, { language: 'cpp' }];

export class Server implements vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #log: vscode.LogOutputChannel;
  readonly #status: vscode.LanguageStatusItem;
  #workspaceRun: vscode.CancellationTokenSource | null = null;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#log = log;
    this.#status = vscode.languages.createLanguageStatusItem(NAMESPACE, DOCUMENTS);
    this.#status.name = 'PyMem Lint';
    const module = context.asAbsolutePath('dist/server.cjs');
    this.#client = new LanguageClient(
      NAMESPACE,
      'PyMem Lint',
      {
        run: { module, transport: TransportKind.ipc },
        debug: {
          module,
          transport: TransportKind.ipc,
          options: { execArgv: ['--nolazy', '--inspect=6009', '--enable-source-maps'] },
        },
      },
      clientOptions(log),
    );
    this.#client.onDidChangeState(({ newState }) => this.#showState(newState));
  }

  /** Never rejects: a server that does not start is told in the status item and the log. */
  async start(): Promise<void> {
    try {
      await this.#client.start();
    } catch (error) {
      this.#failed(error);
    }
  }

  async restart(): Promise<void> {
    try {
      await this.#client.restart();
    } catch (error) {
      this.#failed(error);
    }
  }

  async lintFile(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined || vscode.languages.match(DOCUMENTS, document) === 0) {
      vscode.window.setStatusBarMessage('PyMem Lint: open a C file first', 5_000);
      return;
    }
    const argument: LintFileArgument = {
      uri: this.#client.code2ProtocolConverter.asUri(document.uri),
    };
    const params = { command: SERVER_COMMANDS.lintFile, arguments: [argument] };
    const summary = await this.#execute(params);
    if (summary !== null) this.#showSummary(summary);
  }

  /** A second call takes over from one that is under way. */
  async lintWorkspace(): Promise<void> {
    this.#workspaceRun?.cancel();
    const run = new vscode.CancellationTokenSource();
    this.#workspaceRun = run;
    const summary = await vscode.window.withProgress(
      // In the status bar: a notification would lie over the results.
      { location: vscode.ProgressLocation.Window, title: 'PyMem Lint' },
      (progress) => this.#lintWorkspace(progress, run.token),
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
    this.#status.dispose();
    this.#client.dispose().catch((error: unknown) => this.#log.warn(String(error)));
  }

  async #lintWorkspace(
    progress: vscode.Progress<{ message?: string }>,
    token: vscode.CancellationToken,
  ): Promise<LintSummary | null> {
    const workDoneToken = randomUUID();
    const listener = this.#client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind !== 'end' && value.message) progress.report({ message: value.message });
    });
    try {
      return await this.#execute({ command: SERVER_COMMANDS.lintWorkspace, workDoneToken }, token);
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

  #showState(state: State): void {
    this.#status.busy = state === State.Starting;
    const running = state === State.Running;
    this.#status.text = running ? 'PyMem Lint' : 'PyMem Lint: not running';
    this.#status.severity =
      state === State.Stopped
        ? vscode.LanguageStatusSeverity.Warning
        : vscode.LanguageStatusSeverity.Information;
    this.#status.command = running
      ? { title: 'Show Log', command: CLIENT_COMMANDS.showLog }
      : { title: 'Restart Server', command: CLIENT_COMMANDS.restartServer };
  }

  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#log.error(error instanceof Error ? error : message);
    this.#status.severity = vscode.LanguageStatusSeverity.Error;
    this.#status.detail = message;
  }
}

function clientOptions(log: vscode.LogOutputChannel): LanguageClientOptions {
  const initializationOptions: InitializationOptions = {
    commands: Object.values(CLIENT_COMMANDS),
  };
  return {
    documentSelector: DOCUMENTS,
    outputChannel: log,
    initializationOptions,
    diagnosticCollectionName: NAMESPACE,
    // The server decides by its settings when an edit is checked.
    diagnosticPullOptions: { onChange: true, onSave: true },
    markdown: {
      isTrusted: {
        enabledCommands: [
          CLIENT_COMMANDS.showSimulatedCrash,
          CLIENT_COMMANDS.debugSimulatedCrash,
          CLIENT_COMMANDS.showFindingPath,
          CLIENT_COMMANDS.proveForReal,
        ],
      },
    },
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
