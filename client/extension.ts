// The VS Code extension on every platform: has the language server started when it is needed, registers commands and the heap panel.
// No analysis.
import * as vscode from 'vscode';
import { CLIENT_COMMANDS, NAMESPACE } from '../server/lsp/protocol.ts';
import { registerCrashText } from './crash-text.ts';
import { registerDebugger } from './debug-session.ts';
import { findFinding } from './finding-lookup.ts';
import { registerFindingPath } from './finding-path-commands.ts';
import { HEAP_PANEL_TYPE, HeapPanel } from './heap-panel.ts';
import type { Platform } from './platform.ts';
import { registerWalkthrough } from './walkthrough.ts';
import { showRule } from './rule-page.ts';
import { Server } from './server.ts';

/** Returns before the server runs: whatever asks it something waits for it. */
export function activateExtension(context: vscode.ExtensionContext, platform: Platform): void {
  const began = performance.now();
  const log = vscode.window.createOutputChannel('PyMem Lint', { log: true });
  const server = new Server(log, platform);
  const ready = (): Promise<void> => server.ready();
  const panel = new HeapPanel(context.extensionUri);
  const { registerCommand } = vscode.commands;
  context.subscriptions.push(
    log,
    server,
    panel,
    vscode.window.registerWebviewPanelSerializer(HEAP_PANEL_TYPE, panel),
    registerFindingPath(ready),
    registerDebugger({ panel, ready, forProject: (finding) => server.forProject(finding) }),
    platform.registerProof(ready),
    registerCommand(CLIENT_COMMANDS.lintFile, () => server.lintFile()),
    registerCommand(CLIENT_COMMANDS.lintWorkspace, () => server.lintWorkspace()),
    registerCrashText(ready),
    registerCommand(CLIENT_COMMANDS.lintFolder, (folder: unknown) => server.lintFolder(folder)),
    registerCommand(CLIENT_COMMANDS.stopLinting, () => server.stopLinting()),
    registerCommand(CLIENT_COMMANDS.suppressFinding, (place: unknown, scope: unknown) =>
      server.suppress(place, scope),
    ),
    registerCommand(CLIENT_COMMANDS.showRule, async (rule: unknown) => {
      await server.start();
      await showRule(rule);
    }),
    registerCommand(CLIENT_COMMANDS.fixAll, async () => {
      await server.start();
      await vscode.commands.executeCommand('editor.action.codeAction', {
        kind: vscode.CodeActionKind.SourceFixAll.append(NAMESPACE).value,
        apply: 'first',
      });
    }),
    registerCommand(CLIENT_COMMANDS.copyDebugInfo, async () => {
      const { version }: { version: string } = context.extension.packageJSON;
      await vscode.env.clipboard.writeText(server.debugInfo(version));
      vscode.window.setStatusBarMessage('PyMem Lint: copied', 5_000);
    }),
    registerWalkthrough(context.extensionUri),
    registerCommand(CLIENT_COMMANDS.restartServer, () => server.restart()),
    registerCommand(CLIENT_COMMANDS.showLog, () => log.show()),
    registerCommand(CLIENT_COMMANDS.showSimulatedCrash, async (argument: unknown) => {
      await ready();
      const finding = await findFinding(argument, 'Show Simulated Crash');
      if (finding !== null) panel.show(server.forProject(finding));
    }),
    registerCommand(CLIENT_COMMANDS.saveReplayAsHtml, () => panel.save('html')),
    registerCommand(CLIENT_COMMANDS.saveHeapMapAsSvg, () => panel.save('svg')),
  );
  server.startWhenNeeded();
  server.activatedIn(performance.now() - began);
}
