// How the language server gets files checked: an interface with plain data on both sides, so that the work
// can be done elsewhere, and the runner that does it here and now.
import type { CancellationToken } from 'vscode-languageserver';
import type { check, CheckResult, SourceFile } from '../check.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';

export interface CheckRequest {
  readonly files: readonly SourceFile[];
  readonly settings: Settings;
}

export type CheckOutcome =
  | { readonly kind: 'checked'; readonly result: CheckResult }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      /** What happened, with a stack where there is one; it goes to a log that users send. */
      readonly reason: string;
      /** False: the same files would fail again. */
      readonly worthRetrying: boolean;
    };

export interface CheckRunner {
  /** Never rejects; a failure leaves the next check unharmed. */
  check(request: CheckRequest, token: CancellationToken): Promise<CheckOutcome>;
  dispose(): void;
}

/** What checks are made of. */
export interface CheckEngine {
  readonly check: typeof check;
  /** Called before the first check, and again after a check has thrown: its parser may be broken. */
  loadParser(): Promise<Parser>;
}

export const NEVER_CANCELLED: CancellationToken = {
  isCancellationRequested: false,
  onCancellationRequested: () => ({ dispose: () => undefined }),
};

/** Checks in this thread, which does nothing else meanwhile. */
export function inProcess(engine: CheckEngine): CheckRunner {
  let loading: Promise<Parser> | null = null;
  return {
    async check({ files, settings }, token) {
      let parser: Parser;
      try {
        parser = await (loading ??= engine.loadParser());
      } catch (error) {
        loading = null;
        const reason = `The C parser did not load: ${describe(error)}`;
        return { kind: 'failed', reason, worthRetrying: true };
      }
      // A turn of the event loop: a newer edit or a cancellation may be waiting to be read.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (token.isCancellationRequested) return { kind: 'cancelled' };
      try {
        return { kind: 'checked', result: engine.check(files, parser, settings) };
      } catch (error) {
        loading = null;
        return { kind: 'failed', reason: describe(error), worthRetrying: false };
      }
    },
    dispose: () => undefined,
  };
}

export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
