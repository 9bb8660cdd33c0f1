// Collects basic blocks while a function is lowered.
import type { Span } from '../../simulator/flagged-path.ts';
import type { BasicBlock, BlockIndex, Instruction, Temp, Terminator } from './instruction.ts';

interface OpenBlock {
  readonly instructions: Instruction[];
  terminator: Terminator | null;
}

/** Thrown when a function is larger than the analysis takes on; the function is skipped. */
export class TooLarge extends Error {}

const MAX_INSTRUCTIONS = 60_000;

export class CfgBuilder {
  readonly #blocks: OpenBlock[] = [];
  #current: BlockIndex;
  #temps = 0;
  #instructions = 0;

  constructor() {
    this.#current = this.newBlock();
  }

  newBlock(): BlockIndex {
    this.#blocks.push({ instructions: [], terminator: null });
    return this.#blocks.length - 1;
  }

  newTemp(): Temp {
    return this.#temps++;
  }

  get temps(): number {
    return this.#temps;
  }

  add(instruction: Instruction): void {
    const block = this.#blocks[this.#current]!;
    if (block.terminator !== null) return;
    this.#instructions++;
    if (this.#instructions > MAX_INSTRUCTIONS) {
      throw new TooLarge(`the function has more than ${MAX_INSTRUCTIONS} instructions`);
    }
    block.instructions.push(instruction);
  }

  /** Ends the current basic block; code that follows is unreachable until `start`. */
  end(terminator: Terminator): void {
    const block = this.#blocks[this.#current]!;
    block.terminator ??= terminator;
  }

  goto(to: BlockIndex): void {
    this.end({ kind: 'goto', to });
  }

  start(block: BlockIndex): void {
    this.#current = block;
  }

  /** Goes on in `block`, falling through from the current one. */
  flowInto(block: BlockIndex): void {
    this.goto(block);
    this.start(block);
  }

  branch(
    condition: Temp,
    whenTrue: BlockIndex,
    whenFalse: BlockIndex,
    about: { at: Span; text: string; preprocessor: boolean },
  ): void {
    const { at, text, preprocessor } = about;
    this.end({ kind: 'branch', condition, whenTrue, whenFalse, at, text, preprocessor });
  }

  /** The blocks that can be reached, in reverse postorder, entry first. */
  finish(): BasicBlock[] {
    const order = this.#reversePostorder();
    const index = new Map(order.map((old, i) => [old, i]));
    const to = (old: BlockIndex): BlockIndex => index.get(old)!;
    return order.map((old) => {
      const block = this.#blocks[old]!;
      return {
        instructions: block.instructions,
        terminator: renumber(block.terminator ?? { kind: 'stop' }, to),
      };
    });
  }

  #reversePostorder(): BlockIndex[] {
    const postorder: BlockIndex[] = [];
    const seen = new Set<BlockIndex>([0]);
    const stack: { block: BlockIndex; next: BlockIndex[] }[] = [
      { block: 0, next: this.#successors(0) },
    ];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const next = top.next.pop();
      if (next === undefined) {
        postorder.push(top.block);
        stack.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        stack.push({ block: next, next: this.#successors(next) });
      }
    }
    return postorder.toReversed();
  }

  #successors(index: BlockIndex): BlockIndex[] {
    const terminator = this.#blocks[index]!.terminator;
    return terminator === null ? [] : successors(terminator);
  }
}

export function successors(terminator: Terminator): BlockIndex[] {
  switch (terminator.kind) {
    case 'goto':
      return [terminator.to];
    case 'branch':
      return [terminator.whenTrue, terminator.whenFalse];
    case 'switch':
      return [...terminator.cases.map((c) => c.to), terminator.otherwise];
    case 'return':
    case 'stop':
      return [];
  }
}

export function renumber(terminator: Terminator, to: (old: BlockIndex) => BlockIndex): Terminator {
  switch (terminator.kind) {
    case 'goto':
      return { kind: 'goto', to: to(terminator.to) };
    case 'branch': {
      const { condition, at, text, preprocessor } = terminator;
      const [whenTrue, whenFalse] = [to(terminator.whenTrue), to(terminator.whenFalse)];
      return { kind: 'branch', condition, whenTrue, whenFalse, at, text, preprocessor };
    }
    case 'switch':
      return {
        ...terminator,
        cases: terminator.cases.map((c) => ({ ...c, to: to(c.to) })),
        otherwise: to(terminator.otherwise),
      };
    case 'return':
    case 'stop':
      return terminator;
  }
}
