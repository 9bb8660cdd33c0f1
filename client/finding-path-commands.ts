// Finding Path as a whole: the path, its view, its marks and its commands.
import * as vscode from 'vscode';
import { CLIENT_COMMANDS } from '../server/lsp/protocol.ts';
import { findShownFinding } from './finding-lookup.ts';
import { FindingPath } from './finding-path.ts';
import { FindingPathView } from './finding-path-view.ts';
import { PathMarks } from './path-marks.ts';

/** `ready`: the active document has been checked. */
export function registerFindingPath(ready: () => Promise<void>): vscode.Disposable {
  // Beside other languages' files there is nothing to show.
  void vscode.commands.executeCommand('setContext', 'pymem-lint.active', true);
  const path = new FindingPath();
  const view = new FindingPathView(path);
  const { registerCommand } = vscode.commands;
  return vscode.Disposable.from(
    path,
    view,
    new PathMarks(path),
    registerCommand(CLIENT_COMMANDS.showFindingPath, async (argument: unknown) => {
      await ready();
      const finding = await findShownFinding(argument, 'Show Finding Path');
      if (finding === null) return;
      await path.open(finding);
      await view.show();
    }),
    registerCommand(CLIENT_COMMANDS.nextPathStep, () => path.walk(1)),
    registerCommand(CLIENT_COMMANDS.previousPathStep, () => path.walk(-1)),
    registerCommand(CLIENT_COMMANDS.closeFindingPath, () => path.close()),
  );
}
