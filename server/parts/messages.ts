// What the thread that leads a check and those that help it say to each other.
import type { SourceFile } from '../check.ts';
import type { Settings } from '../settings.ts';
import type { HandedFile } from './parsed-files.ts';

/** What a helper can be given shares of. */
export type Work = 'parse' | 'explore';

export type ToHelper =
  | {
      readonly kind: 'program';
      /** Those that are worth it, in the order of the program. */
      readonly files: readonly SourceFile[];
      readonly settings: Settings;
      readonly parser: 'native' | 'wasm';
    }
  /** By their indexes. */
  | { readonly kind: 'parse'; readonly files: readonly number[] }
  /** By others. */
  | { readonly kind: 'parsed'; readonly files: readonly HandedFile[] }
  /** All are parsed. */
  | { readonly kind: 'link' }
  | { readonly kind: 'explore'; readonly components: readonly number[] };

/** What a thread of its own hears last. */
export const END = 'end';

export type FromHelper =
  /** To explore: the program is in view. */
  | { readonly kind: 'ready'; readonly for: Work }
  | { readonly kind: 'parsed'; readonly files: readonly HandedFile[] }
  | {
      readonly kind: 'explored';
      readonly components: readonly number[];
      /** As ReportTexts writes it. */
      readonly reports: string;
    };
