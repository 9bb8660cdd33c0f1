// Which finding a command is about: the one it was given, the one nearest to the cursor, or the one the
// user picks. Reads the diagnostics that VS Code holds; asks the server nothing.
import * as vscode from 'vscode';
import {
  asDiagnosticData,
  type FindingPlace,
  isFindingPlace,
  isTitledPath,
  NAMESPACE,
  type PathNote,
  type TitledPath,
} from '../server/lsp/protocol.ts';

/** Longer than a server takes to start and to check twenty lines. */
const FINDING_MS = 15_000;

export interface ShownFinding extends TitledPath {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
  readonly notes: readonly PathNote[];
}

/**
 * `argument`: what the command was called with; `purpose`: its title. Null when there is no finding, which
 * the user is told, or none was picked.
 */
export async function findFinding(argument: unknown, purpose: string): Promise<TitledPath | null> {
  return isTitledPath(argument) ? argument : findShownFinding(argument, purpose);
}

/** The same, for those that need what the editor shows of the finding besides. */
export async function findShownFinding(
  argument: unknown,
  purpose: string,
): Promise<ShownFinding | null> {
  const all = shownFindings();
  if (isTitledPath(argument)) return showing(all, argument);
  if (isFindingPlace(argument)) return atPlace(all, argument);
  if (Array.isArray(argument) && argument.every(isFindingPlace)) {
    const places: readonly FindingPlace[] = argument;
    return pick(
      places.flatMap((place) => atPlace(all, place) ?? []),
      purpose,
    );
  }
  const nearest = nearestToCursor(all);
  if (nearest !== null) return nearest;
  if (all.length === 0) {
    vscode.window.setStatusBarMessage('PyMem Lint: there is no finding to show', 5_000);
    return null;
  }
  return pick(all, purpose);
}

/** The finding as it is after a check of edited text: of its rule and message, as near as there is one. */
export function findAgain(finding: ShownFinding): ShownFinding | null {
  const distance = ({ range }: ShownFinding): number =>
    Math.abs(range.start.line - finding.range.start.line);
  const [again] = shownFindings()
    .filter(
      ({ uri, path, title }) =>
        uri.toString() === finding.uri.toString() &&
        path.rule === finding.path.rule &&
        title === finding.title,
    )
    .toSorted((left, right) => distance(left) - distance(right));
  return again ?? null;
}

export function shownFindings(): readonly ShownFinding[] {
  return vscode.languages.getDiagnostics().flatMap(([uri, diagnostics]) =>
    diagnostics.flatMap((diagnostic) => {
      if (diagnostic.source !== NAMESPACE) return [];
      const data = asDiagnosticData('data' in diagnostic ? diagnostic.data : null);
      if (data === null) return [];
      const { range, message } = diagnostic;
      const { flaggedPath, notes } = data;
      const fixed = data.fixes.flatMap(({ title, path }) =>
        path === null ? [] : [{ title, path }],
      );
      return [{ path: flaggedPath, fixed, notes, title: message, uri, range }];
    }),
  );
}

/** Of a document that is being checked; null: none has come after a while. */
export function firstFinding(uri: vscode.Uri): Promise<vscode.Range | null> {
  return new Promise((resolve) => {
    const look = (): void => {
      const found = vscode.languages.getDiagnostics(uri).find(({ source }) => source === NAMESPACE);
      if (found !== undefined) end(found.range);
    };
    const listening = vscode.languages.onDidChangeDiagnostics(look);
    const timer = setTimeout(() => end(null), FINDING_MS);
    function end(range: vscode.Range | null): void {
      listening.dispose();
      clearTimeout(timer);
      resolve(range);
    }
    look();
  });
}

function atPlace(all: readonly ShownFinding[], place: FindingPlace): ShownFinding | null {
  const uri = vscode.Uri.parse(place.uri).toString();
  return (
    all.find(
      (finding) =>
        finding.uri.toString() === uri &&
        finding.range.start.line === place.line &&
        finding.range.start.character === place.character &&
        finding.path.rule === place.rule,
    ) ?? null
  );
}

function showing(all: readonly ShownFinding[], { path, title }: TitledPath): ShownFinding | null {
  const text = JSON.stringify(path);
  return (
    all.find((finding) => finding.title === title && JSON.stringify(finding.path) === text) ?? null
  );
}

/** The finding in the active editor that is the fewest lines away; null when it has none. */
function nearestToCursor(all: readonly ShownFinding[]): ShownFinding | null {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return null;
  const uri = editor.document.uri.toString();
  const { line } = editor.selection.active;
  const distance = ({ range }: ShownFinding): number =>
    Math.max(range.start.line - line, line - range.end.line, 0);
  const [nearest] = all
    .filter((finding) => finding.uri.toString() === uri)
    .toSorted((left, right) => distance(left) - distance(right));
  return nearest ?? null;
}

async function pick(all: readonly ShownFinding[], purpose: string): Promise<ShownFinding | null> {
  const items = all.map((finding) => ({
    label: finding.title,
    description: `${vscode.workspace.asRelativePath(finding.uri)}:${finding.range.start.line + 1}`,
    finding,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: purpose,
    placeHolder: 'Which finding?',
    matchOnDescription: true,
  });
  return picked?.finding ?? null;
}
