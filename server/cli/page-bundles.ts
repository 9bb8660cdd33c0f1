// The built bundles that HTML pages are made of, read from the folder of the build.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PanelParts } from '../../simulator/heap-page.ts';
import { type PagePart, partContent } from '../../simulator/page-document.ts';
import { UsageError } from './exit.ts';

export interface PageBundles {
  readonly panel: PanelParts;
  /** What lists findings beside the panel. */
  readonly list: PanelParts;
}

/** `dist` is the folder of the bundles. Throws UsageError when they are not built. */
export function readPanel(dist: string): PanelParts {
  return readParts(dist, 'heap-panel');
}

/** The same, of everything. */
export function readBundles(dist: string): PageBundles {
  return { panel: readPanel(dist), list: readParts(dist, 'findings-page') };
}

function readParts(dist: string, name: string): PanelParts {
  return pageParts(bundle(dist, `${name}.js`), bundle(dist, `${name}.css`));
}

export function pageParts(script: string, style: string): PanelParts {
  return { script: part(script, 'script'), style: part(style, 'style') };
}

function part(text: string, element: 'script' | 'style'): PagePart {
  const content = partContent(text, element);
  return { content, sha256: createHash('sha256').update(content, 'utf8').digest('base64') };
}

function bundle(dist: string, name: string): string {
  try {
    return readFileSync(join(dist, name), 'utf8');
  } catch {
    throw new UsageError(`the heap panel is not built (${name} is missing): run npm run build.`);
  }
}
