// One replay as an HTML page that stands alone: the heap panel's script and style around a flagged path, and
// where in its replay the page opens.
import type { FlaggedPath } from './flagged-path.ts';
import { jsonElement, pageDocument, type PagePart } from './page-document.ts';
import type { Target } from './target.ts';

/** What the panel shows; the names are those of its saved state. */
export interface OpenedReplay {
  readonly path: FlaggedPath;
  /** The message of the finding. */
  readonly title: string;
  /** The path as it is with a fix, under the title of the fix. */
  readonly fixed?: readonly { readonly path: FlaggedPath; readonly title: string }[];
  /** The version of Python that the project is for: `3.12`. */
  readonly python?: string;
  /** Absent: where the path shows best. */
  readonly target?: Target;
  /** Index of the frame, 0-based. Absent: where it ends. */
  readonly frame?: number;
  /** Index into `fixed`; null: as the code is. */
  readonly fix?: number | null;
  /** Of the blocks whose size the source leaves open, in bytes; null: what the path was given. */
  readonly size?: number | null;
}

export interface PanelParts {
  readonly script: PagePart;
  readonly style: PagePart;
}

/** The element in which the panel looks for an OpenedReplay. */
export const REPLAY_ELEMENT = 'opened-replay';

export function heapPage(opened: OpenedReplay, { script, style }: PanelParts): string {
  return pageDocument({
    title: `Simulated crash: ${opened.title}`,
    styles: [style],
    scripts: [script],
    body: ['<div id="heap-panel"></div>', jsonElement(REPLAY_ELEMENT, opened)],
  });
}
