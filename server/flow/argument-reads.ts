// Arguments that a call reads through, and pointers to released memory among them.
import { apiRow } from '../knowledge/row.ts';
import type { CallBlocks } from './call-blocks.ts';
import type { CallPaths, CallSite } from './call-site.ts';
import { type Listener, preprocessorFacts } from './events.ts';
import type { State } from './state.ts';
import type { Outcome, SummaryStep } from './summary.ts';

/** Whether a call of the API looks at the memory that the argument points to. */
export function readsArgument(call: CallSite, index: number): boolean {
  const row = apiRow(call.name);
  if (row === undefined) return false;
  if (row.firstFormatValue !== null && row.formatArg !== null && index >= row.firstFormatValue) {
    // `%s` reads the text, `%p` prints the pointer alone.
    const format = call.values[row.formatArg];
    const conversions =
      format?.kind === 'text' ? format.text.matchAll(/%[-+ #0-9.*hlLqjzt]*([a-zA-Z%])/g) : [];
    const letters = [...conversions].map((m) => m[1]).filter((letter) => letter !== '%');
    return letters[index - row.firstFormatValue] === 's';
  }
  const entry = row.ptrArgs.find((p) => p.arg === index);
  if (entry !== undefined) return true;
  return (
    row.role === 'copies-input' || row.role === 'call-duration' || row.role === 'caller-buffer'
  );
}

export class ArgumentReads {
  readonly #listen: Listener;
  readonly #paths: CallPaths;
  readonly #blocks: CallBlocks;

  constructor(listen: Listener, paths: CallPaths, blocks: CallBlocks) {
    this.#listen = listen;
    this.#paths = paths;
    this.#blocks = blocks;
  }

  /** Pointers to released memory that the call reads through, and does not release itself. */
  report(
    state: State,
    call: CallSite,
    outcomes: readonly Outcome[],
    reads: (index: number) => boolean,
  ): void {
    call.values.forEach((value, i) => {
      if (value.kind !== 'ref' || !state.isFreed(value.id) || !reads(i)) return;
      const again = (step: SummaryStep): boolean => this.#releasesAgain(state, call, step, i);
      if (outcomes.some(({ steps }) => steps.some(again))) return;
      this.#listen({
        kind: 'use',
        subject: this.#blocks.subjectOf(state, value),
        how: 'argument',
        pointer: call.arguments[i]?.text ?? '',
        trace: state.trace,
        compiledIf: preprocessorFacts(state.facts),
        at: call.at,
      });
    });
  }

  /** The step is about released memory, in the argument or below it: that is told by itself. */
  #releasesAgain(state: State, call: CallSite, step: SummaryStep, argument: number): boolean {
    if (step.kind === 'alloc' || step.path.root.kind !== 'argument') return false;
    if (step.path.root.index !== argument) return false;
    const target = this.#paths.valueAt(state, call, step.path);
    return target.kind === 'ref' && state.isFreed(target.id);
  }
}
