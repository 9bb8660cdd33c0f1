// Which paths .gitignore files exclude: those of a folder and of every folder above it, up to the
// repository's root. A deeper file overrides a higher one, as git has it.
import ignore, { type Ignore } from 'ignore';
import { dirname, join, relative, sep } from 'node:path';
import type { FileTree } from './file-tree.ts';

/** The rules of one .gitignore; `folder` is absolute. */
interface Layer {
  readonly folder: string;
  readonly rules: Ignore;
}

/** Highest folder first. */
export type IgnoreLayers = readonly Layer[];

/** Adds the folder's own .gitignore, when it has a readable one. */
export function withFolder(tree: FileTree, layers: IgnoreLayers, folder: string): IgnoreLayers {
  const path = join(folder, '.gitignore');
  let text: string;
  try {
    if (tree.stat(path)?.kind !== 'file') return layers;
    text = tree.readText(path);
  } catch {
    return layers;
  }
  return [...layers, { folder, rules: ignore().add(text) }];
}

/**
 * The layers that hold above `folder`. Outside a repository those from `top` down, when `folder` lies
 * in it, else none.
 */
export function layersAbove(tree: FileTree, folder: string, top: string | null): IgnoreLayers {
  const above: string[] = [];
  for (let current = folder; tree.stat(join(current, '.git')) === null; ) {
    const parent = dirname(current);
    if (parent === current) {
      const outer = above.findIndex((path) => path === top);
      return layered(tree, outer < 0 ? [] : above.slice(outer));
    }
    above.unshift(parent);
    current = parent;
  }
  return layered(tree, above);
}

function layered(tree: FileTree, folders: readonly string[]): IgnoreLayers {
  return folders.reduce<IgnoreLayers>((layers, folder) => withFolder(tree, layers, folder), []);
}

export function isIgnored(layers: IgnoreLayers, path: string, isFolder: boolean): boolean {
  let ignored = false;
  for (const layer of layers) {
    const inside = relative(layer.folder, path).split(sep).join('/');
    if (inside === '' || inside.startsWith('..')) continue;
    const result = layer.rules.test(isFolder ? `${inside}/` : inside);
    if (result.ignored) ignored = true;
    else if (result.unignored) ignored = false;
  }
  return ignored;
}
