// Which temps and locals are read again: what is not is forgotten, so that states that differ in it
// alone become one, and copies of states stay small.
import { successors } from '../cfg/builder.ts';
import { rootLocal } from '../cfg/context.ts';
import type { BlockIndex, Cfg, Instruction, Place, Temp, Terminator } from '../cfg/instruction.ts';
import { loopHeads } from './repeated-blocks.ts';
import type { State } from './state.ts';
import { type CellKey, isElementCell, tempKey } from './value.ts';

export class Liveness {
  readonly #cfg: Cfg;
  readonly #lastUses: (readonly (readonly CellKey[])[] | undefined)[] = [];
  /** Temps and locals, as cells. */
  readonly #liveAtStart: readonly ReadonlySet<CellKey>[];
  readonly #liveAtEnds: (ReadonlySet<CellKey> | undefined)[] = [];
  /** Locals that are reached by their own names alone. */
  readonly #plain: ReadonlySet<CellKey>;
  readonly #loopHeads: ReadonlySet<BlockIndex>;

  constructor(cfg: Cfg) {
    this.#cfg = cfg;
    this.#plain = plainLocals(cfg);
    this.#loopHeads = loopHeads(cfg);
    this.#liveAtStart = liveAtStart(cfg);
  }

  /** The temps that nothing reads after an instruction of the block, for each instruction. */
  lastUsesIn(index: BlockIndex): readonly (readonly CellKey[])[] {
    const known = this.#lastUses[index];
    if (known !== undefined) return known;
    const { instructions, terminator } = this.#cfg.blocks[index]!;
    const later = new Set(this.#liveAtEnd(index));
    for (const temp of tempsTested(terminator)) later.add(tempKey(temp));
    const ends = instructions
      .toReversed()
      .map((instruction) => {
        const named = tempsRead(instruction).map(tempKey);
        if ('to' in instruction && typeof instruction.to === 'number')
          named.push(tempKey(instruction.to));
        const last = named.filter((cell) => !later.has(cell));
        for (const cell of last) later.add(cell);
        return last;
      })
      .toReversed();
    this.#lastUses[index] = ends;
    return ends;
  }

  /**
   * At the start of the block: temps, and locals that hold no block; and elements of arrays, which are
   * known for one round of a loop: `for (…) rows[j] = rows[j + 1];` may go no round.
   */
  forgetDeadAtStart(state: State, index: BlockIndex): void {
    this.#forgetDead(state, this.#liveAtStart[index]!);
    if (!this.#loopHeads.has(index)) return;
    for (const cell of state.cells.keys()) if (isElementCell(cell)) state.cells.delete(cell);
  }

  /** The same after the terminator of the block has read what it tests. */
  forgetDeadAtEnd(state: State, index: BlockIndex): void {
    this.#forgetDead(state, this.#liveAtEnd(index));
  }

  #liveAtEnd(index: BlockIndex): ReadonlySet<CellKey> {
    let live = this.#liveAtEnds[index];
    if (live === undefined) {
      const after = successors(this.#cfg.blocks[index]!.terminator).map(
        (to) => this.#liveAtStart[to]!,
      );
      live = after.length === 1 ? after[0]! : unionOf(after);
      this.#liveAtEnds[index] = live;
    }
    return live;
  }

  #forgetDead(state: State, live: ReadonlySet<CellKey>): void {
    state.cells.forEach((value, cell) => {
      if (live.has(cell)) return;
      if (cell.startsWith('%')) state.cells.delete(cell);
      else if (this.#plain.has(cell) && value.kind !== 'address') {
        if (value.kind !== 'ref' || !state.heap.has(value.id)) state.cells.delete(cell);
      }
    });
  }
}

function unionOf(sets: readonly ReadonlySet<CellKey>[]): ReadonlySet<CellKey> {
  const union = new Set<CellKey>();
  for (const set of sets) for (const cell of set) union.add(cell);
  return union;
}

/** Backwards over the blocks until nothing changes. */
function liveAtStart(cfg: Cfg): Set<CellKey>[] {
  const { blocks } = cfg;
  const effects = blocks.map(effectsOf);
  const live = effects.map(({ read }) => new Set(read));
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = blocks.length - 1; i >= 0; i--) {
      const here = live[i]!;
      const before = here.size;
      const { written } = effects[i]!;
      for (const to of successors(blocks[i]!.terminator)) {
        for (const cell of live[to]!) if (!written.has(cell)) here.add(cell);
      }
      changed ||= here.size > before;
    }
  }
  return live;
}

interface Effects {
  /** Before the block writes it. */
  readonly read: ReadonlySet<CellKey>;
  readonly written: ReadonlySet<CellKey>;
}

function effectsOf({ instructions, terminator }: Cfg['blocks'][number]): Effects {
  const read = new Set<CellKey>();
  const written = new Set<CellKey>();
  const reads = (cell: CellKey): void => {
    if (!written.has(cell)) read.add(cell);
  };
  for (const instruction of instructions) {
    for (const temp of tempsRead(instruction)) reads(tempKey(temp));
    const local = localRead(instruction);
    if (local !== null) reads(local);
    const set = localWritten(instruction);
    if (set !== null) written.add(set);
    if ('to' in instruction && typeof instruction.to === 'number')
      written.add(tempKey(instruction.to));
  }
  for (const temp of tempsTested(terminator)) reads(tempKey(temp));
  return { read, written };
}

function plainLocals(cfg: Cfg): Set<CellKey> {
  const plain = new Set<CellKey>(cfg.parameters.map(({ local }) => local));
  const others = new Set<CellKey>();
  for (const { instructions } of cfg.blocks) {
    for (const instruction of instructions) {
      switch (instruction.op) {
        case 'load':
          note(instruction.from);
          break;
        case 'store':
          note(instruction.to);
          break;
        case 'address':
          others.add(rootLocal(instruction.of) ?? '');
          break;
        case 'call':
          for (const { place } of instruction.arguments) {
            if (place !== null && place.kind !== 'local') others.add(rootLocal(place) ?? '');
          }
          break;
        default:
      }
    }
  }
  for (const cell of others) plain.delete(cell);
  return plain;

  function note(place: Place): void {
    if (place.kind === 'local') plain.add(place.name);
    else others.add(rootLocal(place) ?? '');
  }
}

function localRead(instruction: Instruction): CellKey | null {
  return instruction.op === 'load' ? rootLocal(instruction.from) : null;
}

function localWritten(instruction: Instruction): CellKey | null {
  if (instruction.op === 'declare' || instruction.op === 'end-scope') return instruction.local;
  return instruction.op === 'store' && instruction.to.kind === 'local' ? instruction.to.name : null;
}

function tempsTested(terminator: Terminator): readonly Temp[] {
  switch (terminator.kind) {
    case 'branch':
      return [terminator.condition];
    case 'switch':
      return [terminator.value, ...terminator.cases.map(({ label }) => label)];
    case 'return':
      return terminator.value === null ? [] : [terminator.value];
    case 'goto':
    case 'stop':
      return [];
  }
}

function tempsRead(instruction: Instruction): Temp[] {
  switch (instruction.op) {
    case 'load':
      return tempsOf(instruction.from);
    case 'address':
      return tempsOf(instruction.of);
    case 'store':
      return [...tempsOf(instruction.to), instruction.value];
    case 'binary':
      return [instruction.left, instruction.right];
    case 'unary':
      return [instruction.operand];
    case 'call':
      return [
        ...instruction.arguments.flatMap((a) => [a.value, ...tempsOf(a.place)]),
        ...('value' in instruction.callee ? [instruction.callee.value] : []),
      ];
    case 'constant':
    case 'opaque':
    case 'literal':
    case 'function':
    case 'declare':
    case 'end-scope':
      return [];
  }
}

function tempsOf(place: Place | null): Temp[] {
  const temps: Temp[] = [];
  let current = place;
  while (current?.kind === 'field' || current?.kind === 'element') {
    if (current.kind === 'element' && current.subscript !== null) temps.push(current.subscript);
    current = current.base;
  }
  if (current?.kind === 'memory') temps.push(current.pointer);
  return temps;
}
