// The Finding Path view: the steps of the open path as a tree, nested by calls. Picking one shows it in the
// editor.
import * as vscode from 'vscode';
import type { PathNote } from '../server/lsp/protocol.ts';
import type { FindingPath } from './finding-path.ts';
import { chainTo, type PathNode, pathTree } from './path-tree.ts';
import { toUri } from './source-place.ts';

const VIEW_ID = 'pymem-lint.findingPath';
/** Not in the palette: a step is picked in the view. */
const GO_TO_STEP = 'pymem-lint.goToPathStep';

const ICONS: Readonly<Record<PathNote['kind'], string>> = {
  alloc: 'add',
  branch: 'git-branch',
  enter: 'arrow-right',
  leave: 'arrow-left',
  assign: 'symbol-variable',
  free: 'trash',
  use: 'eye',
  return: 'reply',
  escape: 'link-external',
  lost: 'circle-slash',
  thread: 'lock',
};

export class FindingPathView implements vscode.TreeDataProvider<PathNode>, vscode.Disposable {
  readonly #path: FindingPath;
  readonly #view: vscode.TreeView<PathNode>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  #notes: readonly PathNote[] = [];
  #roots: readonly PathNode[] = [];
  #selecting = Promise.resolve();

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(path: FindingPath) {
    this.#path = path;
    this.#view = vscode.window.createTreeView(VIEW_ID, { treeDataProvider: this });
    this.#subscriptions = [
      path.onDidChange(() => this.#update()),
      vscode.commands.registerCommand(GO_TO_STEP, (step: unknown) =>
        typeof step === 'number' ? path.goTo(step, { preserveFocus: true }) : undefined,
      ),
      this.#view,
      this.#changed,
    ];
  }

  /** Brings the view to the front, with the current step picked. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
    await this.#select();
  }

  getChildren(node?: PathNode): PathNode[] {
    return [...(node?.children ?? this.#roots)];
  }

  getParent(node: PathNode): PathNode | null {
    return chainTo(this.#roots, node.index).at(-2) ?? null;
  }

  getTreeItem({ note, index, children }: PathNode): vscode.TreeItem {
    const state =
      children.length === 0
        ? vscode.TreeItemCollapsibleState.None
        : vscode.TreeItemCollapsibleState.Expanded;
    const file = vscode.workspace.asRelativePath(toUri(note.at.file));
    const isSameFile = note.at.file === this.#notes[index - 1]?.at.file;
    const isFault = index === this.#notes.length - 1;
    const item = new vscode.TreeItem(`${index + 1}. ${note.message}`, state);
    item.id = `${index}`;
    item.description = isSameFile
      ? `line ${note.at.line}`
      : `${file.replace(/^.*\//, '')}, line ${note.at.line}`;
    item.tooltip = `${note.message}\n${file}, line ${note.at.line}`;
    item.iconPath = new vscode.ThemeIcon(
      isFault ? 'error' : ICONS[note.kind],
      isFault ? new vscode.ThemeColor('list.errorForeground') : undefined,
    );
    item.accessibilityInformation = {
      label: `Step ${index + 1} of ${this.#notes.length}: ${note.message}, line ${note.at.line}`,
    };
    item.command = { title: 'Show in Editor', command: GO_TO_STEP, arguments: [index] };
    return item;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    const { finding, notes, isStale } = this.#path;
    if (notes !== this.#notes) {
      this.#notes = notes;
      this.#roots = pathTree(notes);
      this.#changed.fire();
    }
    const count = `${notes.length} ${notes.length === 1 ? 'step' : 'steps'}`;
    this.#view.description = finding === null ? '' : count;
    this.#view.message =
      finding === null
        ? undefined
        : isStale
          ? `This finding is gone: the text has changed. It was: ${finding.title}`
          : `${finding.title} (${count})`;
    if (this.#view.visible) void this.#select();
  }

  /** One after the other: the last one picks the step that is current by then. */
  #select(): Promise<void> {
    this.#selecting = this.#selecting.then(() => this.#reveal());
    return this.#selecting;
  }

  async #reveal(): Promise<void> {
    const node = chainTo(this.#roots, this.#path.step).at(-1);
    if (node === undefined) return;
    await this.#view.reveal(node, { select: true, focus: false, expand: true }).then(
      () => undefined,
      // The tree may be another one by then.
      () => undefined,
    );
  }
}
