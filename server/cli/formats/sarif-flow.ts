// The path of a finding as a SARIF code flow: each step with what is known of the blocks after it.
import type { Location, MultiformatMessageString, ThreadFlowLocation } from 'sarif';
import { familyFacts } from '../../../simulator/families.ts';
import type { FlaggedPath, Span, Step } from '../../../simulator/flagged-path.ts';
import type { Finding, PathNote } from '../../finding.ts';

/** Nesting follows the calls the path enters and leaves. */
export function threadFlow(
  { path, flaggedPath }: Finding,
  location: (note: PathNote) => Location,
): ThreadFlowLocation[] {
  const states = new BlockStates(flaggedPath);
  let depth = 0;
  return path.map((note, index) => {
    if (note.kind === 'leave') depth = Math.max(0, depth - 1);
    const state = states.after(note.at);
    const step: ThreadFlowLocation = {
      location: location(note),
      executionOrder: index + 1,
      nestingLevel: depth,
      importance: note.kind === 'branch' ? 'important' : 'essential',
      kinds: KINDS[note.kind],
      ...(state === null ? {} : { state }),
    };
    if (note.kind === 'enter') depth++;
    return step;
  });
}

/** SARIF's own words where it has them. */
const KINDS = {
  alloc: ['acquire', 'memory'],
  free: ['release', 'memory'],
  branch: ['branch'],
  enter: ['call', 'function'],
  leave: ['return', 'function'],
  use: ['usage', 'memory'],
  return: ['return', 'function'],
  assign: ['value'],
  escape: ['value'],
  thread: ['lock'],
  lost: ['memory'],
} satisfies Record<PathNote['kind'], string[]>;

type State = Record<string, MultiformatMessageString>;

/** The blocks of a path by the pointer that names them, and what became of each so far. */
class BlockStates {
  readonly #steps: readonly Step[];
  #next = 0;
  readonly #blocks = new Map<string, { readonly name: string; readonly text: string }>();
  #thread: string | null = null;

  constructor({ steps }: FlaggedPath) {
    this.#steps = steps;
  }

  /** After the steps at this place; null: there is nothing to say. */
  after(at: Span): State | null {
    const last = this.#steps.findIndex((step, index) => index >= this.#next && isSame(step.at, at));
    for (; this.#next <= last; this.#next++) this.#apply(this.#steps[this.#next]);
    const entries = [...this.#blocks.values()].map(({ name, text }) => [name, { text }] as const);
    if (this.#thread !== null) entries.push(['thread state', { text: this.#thread }]);
    return entries.length === 0 ? null : Object.fromEntries(entries);
  }

  #apply(step: Step | undefined): void {
    switch (step?.kind) {
      case 'alloc': {
        const { label } = familyFacts(step.family);
        const text = step.outcome === 'null' ? 'NULL' : `live, memory of ${label}`;
        this.#blocks.set(step.block, { name: step.pointer, text });
        return;
      }
      case 'place':
        this.#blocks.set(step.block, { name: step.pointer, text: `${step.region} memory` });
        return;
      case 'realloc': {
        const { label } = familyFacts(step.family);
        if (step.outcome === 'null') return;
        this.#blocks.delete(step.block);
        this.#blocks.set(step.into, { name: step.pointer, text: `live, memory of ${label}` });
        return;
      }
      case 'free':
        this.#say(step.block, step.pointer, `released by ${step.api}`);
        return;
      case 'drop':
        this.#say(step.block, step.place, 'no pointer to it is left');
        return;
      case 'thread-state':
        this.#thread = step.attached ? 'attached' : 'detached';
        return;
      default:
    }
  }

  #say(block: string, pointer: string, text: string): void {
    this.#blocks.set(block, { name: this.#blocks.get(block)?.name ?? pointer, text });
  }
}

function isSame(left: Span, right: Span): boolean {
  return left.file === right.file && left.line === right.line && left.column === right.column;
}
