// Debug sessions in VS Code: the inline debug adapter, what a session is started with, and the heap panel that
// goes along with it. What a session does is client/debug/'s.
import * as vscode from 'vscode';
import { CLIENT_COMMANDS, NAMESPACE, type TitledPath } from '../server/lsp/protocol.ts';
import { encodedFinding } from './debug/launch.ts';
import { ReplayAdapter, type ReplayPlace } from './debug/replay-adapter.ts';
import { findFinding } from './finding-lookup.ts';
import type { HeapPanel } from './heap-panel.ts';
import { toUri } from './source-place.ts';

const TITLE = 'Debug Simulated Crash';
/** Bytes; no path and no C file comes near it. */
const LARGEST_FILE = 64 * 1024 * 1024;

interface DebuggerParts {
  readonly panel: HeapPanel;
  /** Resolves when the active document has been checked. */
  readonly ready: () => Promise<void>;
  /** The finding, with the Python that its project is for. */
  readonly forProject: (finding: TitledPath) => TitledPath;
}

export function registerDebugger({ panel, ready, forProject }: DebuggerParts): vscode.Disposable {
  const sessions = new Sessions(panel);
  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterDescriptorFactory(NAMESPACE, sessions),
    vscode.debug.registerDebugConfigurationProvider(NAMESPACE, {
      resolveDebugConfiguration: (folder, configuration) => resolve(folder, configuration, ready),
    }),
    vscode.commands.registerCommand(
      CLIENT_COMMANDS.debugSimulatedCrash,
      async (argument: unknown) => {
        await ready();
        const finding = await findFinding(argument, TITLE);
        if (finding !== null) await start(forProject(finding));
      },
    ),
  );
}

async function start(finding: TitledPath): Promise<void> {
  const file = finding.path.steps[0]?.at.file;
  const folder = file === undefined ? undefined : vscode.workspace.getWorkspaceFolder(toUri(file));
  // A replay reads no file but to show it.
  const options = { suppressSaveBeforeStart: true };
  await vscode.debug.startDebugging(folder, launchOf(finding), options);
}

function launchOf(finding: TitledPath): vscode.DebugConfiguration {
  return {
    type: NAMESPACE,
    request: 'launch',
    name: 'Simulated Crash',
    finding: encodedFinding(finding),
    ...(finding.python !== undefined && { python: finding.python }),
  };
}

/** A configuration that names no path is about the finding at the cursor. */
async function resolve(
  folder: vscode.WorkspaceFolder | undefined,
  configuration: vscode.DebugConfiguration,
  ready: () => Promise<void>,
): Promise<vscode.DebugConfiguration | undefined> {
  const root = folder === undefined ? {} : { sourceRoot: locationOf(folder.uri) };
  const isComplete = ['path', 'flaggedPath', 'finding'].some((key) => key in configuration);
  if (isComplete) return { ...root, ...configuration };
  await ready();
  const finding = await findFinding(undefined, TITLE);
  return finding === null ? undefined : { ...root, ...launchOf(finding), ...configuration };
}

class Sessions implements vscode.DebugAdapterDescriptorFactory {
  readonly #panel: HeapPanel;
  readonly #open = new Set<InlineAdapter>();

  constructor(panel: HeapPanel) {
    this.#panel = panel;
    panel.onWent = (place) => this.#lead(place);
  }

  createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
    const adapter = new InlineAdapter(this.#panel, () => {
      this.#open.delete(adapter);
      if (this.#open.size === 0) this.#panel.unfollow();
    });
    this.#open.add(adapter);
    return new vscode.DebugAdapterInlineImplementation(adapter);
  }

  /** Takes the sessions of the same path along; true when there is one. */
  #lead({ path, target, frame }: ReplayPlace): boolean {
    const text = JSON.stringify(path);
    const along = [...this.#open].filter(
      ({ replay }) => JSON.stringify(replay.place?.path) === text,
    );
    for (const { replay } of along) replay.goTo({ target, frame });
    return along.length > 0;
  }
}

class InlineAdapter implements vscode.DebugAdapter {
  readonly replay: ReplayAdapter;
  readonly #messages = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  readonly #closed: () => void;
  readonly onDidSendMessage = this.#messages.event;

  constructor(panel: HeapPanel, closed: () => void) {
    this.#closed = closed;
    this.replay = new ReplayAdapter({
      send: (message) => this.#messages.fire(message),
      readText,
      moved: (place) => panel.follow(place),
    });
  }

  handleMessage(message: vscode.DebugProtocolMessage): void {
    void this.replay.handle(message);
  }

  dispose(): void {
    this.replay.dispose();
    this.#closed();
    this.#messages.dispose();
  }
}

/** As it is in the editor, where it is open. */
async function readText(file: string): Promise<string> {
  const uri = toUri(file);
  const open = vscode.workspace.textDocuments.find(
    (document) => document.uri.toString() === uri.toString(),
  );
  if (open !== undefined) return open.getText();
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > LARGEST_FILE) throw new Error(`${file} is too large to be read: ${size} bytes.`);
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

function locationOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}
