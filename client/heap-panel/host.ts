// Where the page runs: a VS Code webview, or a plain HTML file. The only file that talks to either; knows
// nothing of what is shown.
import type { FlaggedPath, Span } from '../../simulator/flagged-path.ts';
import { REPLAY_ELEMENT } from '../../simulator/heap-page.ts';
import type { Target } from '../../simulator/target.ts';

export interface TitledPath {
  readonly path: FlaggedPath;
  readonly title: string;
}

/** What the page shows; kept across reloads of a webview. */
export interface Shown extends TitledPath {
  /** To be replayed on first. */
  readonly python: Target['python'];
  /** The path as it is with a fix, under the title of the fix. */
  readonly fixed: readonly TitledPath[];
}

/** `unknown` fields: a saved state may stem from another version. */
export interface SavedState {
  readonly path?: unknown;
  readonly title?: unknown;
  readonly fixed?: unknown;
  readonly python?: unknown;
  readonly fix?: unknown;
  readonly target?: unknown;
  readonly size?: unknown;
  readonly frame?: unknown;
}

/** Where in a replay the reader is. */
export interface PagePlace {
  readonly target: Target;
  /** Index of the frame, 0-based. */
  readonly frame: number;
}

export interface Host {
  /** True in VS Code, where a step can be shown in the editor. */
  readonly reveals: boolean;
  /** The reader chose a frame, null: of a fixed path; `at`: its code, null where it has none. */
  went(place: PagePlace | null, at: Span | null): void;
  copy(text: string): void;
  save(state: SavedState): void;
  saved(): SavedState | null;
  ready(): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare const acquireVsCodeApi: (() => VsCodeApi) | undefined;

export function createHost(): Host {
  return typeof acquireVsCodeApi === 'function' ? inVsCode(acquireVsCodeApi()) : inPage();
}

function inVsCode(api: VsCodeApi): Host {
  // oxlint-disable unicorn/require-post-message-target-origin -- the API of a webview takes none
  return {
    reveals: true,
    went: (place, at) => api.postMessage({ type: 'went', at, place }),
    copy: (text) => api.postMessage({ type: 'copy', text }),
    save: (state) => api.setState(state),
    saved: () => asRecord(api.getState()),
    ready: () => api.postMessage({ type: 'ready' }),
  };
  // oxlint-enable unicorn/require-post-message-target-origin
}

function inPage(): Host {
  return {
    reveals: false,
    went: () => {},
    copy: (text) => {
      // Refused without a permission; the text stays selectable.
      navigator.clipboard?.writeText(text).catch(() => {});
    },
    save: () => {},
    saved: () => null,
    ready: () => {},
  };
}

/** What a self-contained page opens on, as an OpenedReplay is; null in a webview. */
export function embeddedReplay(): SavedState | null {
  const text = document.getElementById(REPLAY_ELEMENT)?.textContent ?? '';
  return text.trim() === '' ? null : asRecord(JSON.parse(text));
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? { ...value } : null;
}
