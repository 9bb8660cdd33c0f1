// What can be looked up at one moment of a replay: blocks by name, letter or address, pointers, where a block
// comes from and where it went, in words.
import type { BlockId, Step } from '../../simulator/flagged-path.ts';
import { familyFacts, isFamily } from '../../simulator/families.ts';
import { placeText } from '../../simulator/place-text.ts';
import { bytesText } from '../../simulator/step-text.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import type { BlockView, HeapView } from '../../simulator/view.ts';
import { nameOf } from './block-events.ts';
import { type Pointer, type PointerNames, pointersAt } from './pointers.ts';

const STATES: Readonly<Record<BlockView['state'], string>> = {
  live: 'in use',
  lost: 'in use, and no pointer to it is left',
  freed: 'released',
};

const OWNERS: Readonly<Record<BlockView['owner'], string>> = {
  path: 'the flagged code',
  neighbor: 'code that ran before the path',
  aftermath: 'innocent code after the path',
};

/** A pointer as a reader wants it: where it points, and what lies there. */
export interface PointerValue {
  readonly name: string;
  readonly text: string;
  /** null: NULL, or not modelled. */
  readonly block: BlockView | null;
}

export class Inspector {
  readonly timeline: Timeline;
  /** Index of the frame, 0-based. */
  readonly frame: number;
  readonly view: HeapView;
  readonly #names: PointerNames;
  /** Steps of the path that have begun; the process may have ended in the last one. */
  readonly #begun: number;

  constructor(timeline: Timeline, frame: number) {
    this.timeline = timeline;
    this.frame = frame;
    this.view = timeline.view(frame);
    const { frames, outcome, path } = timeline;
    const last = frames.slice(0, frame + 1).findLast(({ step }) => step !== null)?.step ?? -1;
    this.#begun = last + 1;
    const isCutShort =
      outcome.ending !== 'ran on' && frame === frames.length - 1 && frames[frame]?.step === last;
    this.#names = pointersAt(path, isCutShort ? last : last + 1);
  }

  get pointers(): readonly PointerValue[] {
    return this.#names.held.map((pointer) => this.#valueOf(pointer));
  }

  /** Names that point to no block now, and why. */
  get unset(): readonly { readonly name: string; readonly text: string }[] {
    const { dropped, later } = this.#names;
    return [
      ...dropped.map(({ name, block }) => ({ name, text: `no longer ${this.#shortName(block)}` })),
      ...later.map((name) => ({ name, text: 'not set yet' })),
    ];
  }

  /** Spaces in the expression do not matter; null: no such name, or it points nowhere yet. */
  pointer(expression: string): PointerValue | null {
    const wanted = withoutSpaces(expression);
    return this.pointers.find(({ name }) => withoutSpaces(name) === wanted) ?? null;
  }

  /** By pointer, id, letter or an address inside it; live blocks before released ones. */
  block(expression: string): BlockView | null {
    const wanted = expression.trim();
    const address = parseAddress(wanted);
    const { blocks } = this.view;
    if (address !== null) {
      const there = blocks.filter((block) => contains(block, address));
      return there.find(({ state }) => state !== 'freed') ?? there.at(-1) ?? null;
    }
    return (
      this.pointer(wanted)?.block ??
      this.#find(wanted) ??
      blocks.findLast((block) => block.letter === wanted) ??
      null
    );
  }

  summary(block: BlockView): string {
    return `${bytesText(block.size)} at ${block.address} from ${block.api}, ${STATES[block.state]}`;
  }

  /** Who allocated a block, where, and what became of it; a line each. */
  story(block: BlockView): readonly string[] {
    const steps = this.timeline.path.steps.slice(0, this.#begun);
    const born = steps.findLast((step) => isBirth(step, block.block));
    const death = steps.findLast((step) => isRelease(step, block.block));
    return [
      `${nameOf(block)}, ${bytesText(block.size)}: allocated by ${block.api}, ${familyText(block.family)}`,
      `  for ${OWNERS[block.owner]}${born === undefined ? '' : `, at ${placeText(born.at)}: ${born.text}`}`,
      `  served by ${block.allocator}; now ${STATES[block.state]}`,
      ...(death === undefined || !('api' in death)
        ? []
        : [`  given to ${death.api}, ${familyText(death.family)}, at ${placeText(death.at)}`]),
      ...(block.overlaps.length === 0
        ? []
        : [`  shares bytes with ${block.overlaps.join(', ')}, all in use`]),
    ];
  }

  #find(id: BlockId): BlockView | undefined {
    return this.view.blocks.findLast(({ block }) => block === id);
  }

  #shortName(id: BlockId): string {
    return this.#find(id)?.letter ?? id;
  }

  #valueOf({ name, block: id }: Pointer): PointerValue {
    const block = this.#find(id);
    if (block === undefined) return { name, text: 'not in the simulated heap', block: null };
    if (Number(block.address) === 0)
      return { name, text: block.allocator === 'none' ? 'NULL' : block.allocator, block: null };
    const what = `${block.letter}, ${bytesText(block.size)}, ${STATES[block.state]}`;
    return { name, text: `${block.address} → ${what}`, block };
  }
}

/** `0x…` as a number; null when it is none, or no address of a process. */
export function parseAddress(text: string): number | null {
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) return null;
  const address = Number(text);
  return Number.isSafeInteger(address) ? address : null;
}

function familyText(family: string): string {
  return isFamily(family) ? familyFacts(family).label : family;
}

function isBirth(step: Step, id: BlockId): boolean {
  if (step.kind === 'realloc') return step.into === id;
  return (step.kind === 'alloc' || step.kind === 'place') && step.block === id;
}

function isRelease(step: Step, id: BlockId): boolean {
  return (step.kind === 'free' || step.kind === 'realloc') && step.block === id;
}

function contains(block: BlockView, address: number): boolean {
  const start = Number(block.address);
  return start !== 0 && start <= address && address < start + Math.max(1, block.size);
}

function withoutSpaces(text: string): string {
  return text.replaceAll(/\s+/g, '');
}
