// How the language server gets files checked: an interface with plain data on both sides, so that the work
// can be done elsewhere, and the runner that does it here and now.
import type { CancellationToken } from 'vscode-languageserver';
import type { check, CheckResult, Progress, SourceFile } from '../check.ts';
import { CheckMemory } from '../check-memory.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';

export interface CheckRequest {
  readonly files: readonly SourceFile[];
  readonly settings: Settings;
  /** Requests of the same name are of nearly the same files; null: nothing is kept for a next one. */
  readonly memory: string | null;
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
      /** The parser's WebAssembly was aborted: what its memory holds is of no use to any check of this thread. */
      readonly isParserBroken: boolean;
    };

/** Told, while a check runs, how far it has come. */
export type TellProgress = (progress: Progress) => void;

export interface CheckRunner {
  /** Never rejects; a failure leaves the next check unharmed. */
  check(
    request: CheckRequest,
    token: CancellationToken,
    tell?: TellProgress,
  ): Promise<CheckOutcome>;
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

/** The name of what WebAssembly throws when it stops for good. */
const WASM_TRAP = 'RuntimeError';

/** Checks in this thread, which does nothing else meanwhile. */
export function inProcess(engine: CheckEngine): CheckRunner {
  let loading: Promise<Parser> | null = null;
  const memories = new Map<string, CheckMemory>();
  return {
    async check({ files, settings, memory: name }, token, tell) {
      let parser: Parser;
      try {
        parser = await (loading ??= engine.loadParser());
      } catch (error) {
        loading = null;
        const reason = `The C parser did not load: ${describe(error)}`;
        return { kind: 'failed', reason, worthRetrying: true, isParserBroken: false };
      }
      // A turn of the event loop: a newer edit or a cancellation may be waiting to be read.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (token.isCancellationRequested) return { kind: 'cancelled' };
      try {
        return {
          kind: 'checked',
          result: engine.check(files, parser, settings, memoryOf(memories, name), tell),
        };
      } catch (error) {
        loading = null;
        memories.clear();
        const isParserBroken = error instanceof Error && error.name === WASM_TRAP;
        return { kind: 'failed', reason: describe(error), worthRetrying: false, isParserBroken };
      }
    },
    dispose: () => undefined,
  };
}

/** Those of the documents that were edited last. */
const MAX_MEMORIES = 3;

function memoryOf(memories: Map<string, CheckMemory>, name: string | null): CheckMemory | null {
  if (name === null) return null;
  const memory = memories.get(name) ?? new CheckMemory();
  memories.delete(name);
  memories.set(name, memory);
  for (const oldest of memories.keys()) {
    if (memories.size <= MAX_MEMORIES) break;
    memories.delete(oldest);
  }
  return memory;
}

export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
