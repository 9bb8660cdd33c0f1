// What the thread that leads a check and those that help it say to each other.
import type { SourceFile } from '../check.ts';
import type { Settings } from '../settings.ts';

export type ToHelper =
  | {
      readonly kind: 'program';
      readonly files: readonly SourceFile[];
      readonly settings: Settings;
      readonly parser: 'native' | 'wasm';
    }
  | { readonly kind: 'explore'; readonly components: readonly number[] };

/** What a thread of its own hears last. */
export const END = 'end';

export type FromHelper =
  /** The program is in view. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'explored';
      readonly components: readonly number[];
      /** As ReportTexts writes it. */
      readonly reports: string;
    };
