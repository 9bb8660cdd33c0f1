// Where the page runs: a VS Code webview, or a plain HTML file. The only file that talks to either; knows
// nothing of what is shown.
import type { FlaggedPath, Span } from '../../simulator/flagged-path.ts';
import { type OpenedReplay, REPLAY_ELEMENT } from '../../simulator/heap-page.ts';
import { savedName, type SavedForm } from '../../simulator/saved-name.ts';
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

export interface ReplayToSave {
  readonly form: SavedForm;
  /** With the shown target and step. */
  readonly replay: OpenedReplay;
  readonly picture: string;
}

export interface Host {
  /** True in VS Code, where a step can be shown in the editor. */
  readonly reveals: boolean;
  /** The reader chose a frame, null: of a fixed path; `at`: its code, null where it has none. */
  went(place: PagePlace | null, at: Span | null): void;
  copy(text: string): void;
  /** What it can write to files: a page does not write itself. */
  readonly saves: readonly SavedForm[];
  /** Writes it to a file that the reader chooses. */
  saveAs(save: ReplayToSave): void;
  /** Calls when VS Code asks for something to save; returns what ends that. */
  onSaveAsked(listener: (form: SavedForm) => void): () => void;
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
    saves: ['html', 'svg'],
    saveAs: (save) => api.postMessage({ type: 'save', ...save }),
    onSaveAsked: (listener) => {
      const onMessage = ({ data }: MessageEvent<unknown>): void => {
        const { type, form } = asRecord(data) ?? {};
        if (type === 'save' && (form === 'html' || form === 'svg')) listener(form);
      };
      window.addEventListener('message', onMessage);
      return () => window.removeEventListener('message', onMessage);
    },
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
    saves: ['svg'],
    saveAs: ({ picture, replay }) => download(picture, savedName('svg', replay)),
    onSaveAsked: () => () => {},
    save: () => {},
    saved: () => null,
    ready: () => {},
  };
}

function download(picture: string, name: string): void {
  const address = URL.createObjectURL(new Blob([picture], { type: 'image/svg+xml' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then; an address that is kept holds the picture in memory.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** What a self-contained page opens on, as an OpenedReplay is; null in a webview. */
export function embeddedReplay(): SavedState | null {
  const text = document.getElementById(REPLAY_ELEMENT)?.textContent ?? '';
  return text.trim() === '' ? null : asRecord(JSON.parse(text));
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? { ...value } : null;
}
