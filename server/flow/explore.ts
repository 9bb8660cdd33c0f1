// Path-sensitive exploration of one function: a worklist over basic blocks in reverse postorder.
// States with the same property (which blocks are live, freed, and who holds them) are merged, as in
// ESP (Das, Lerner, Seigle 2002); over the bounds, paths are given up, never invented.
import type { Span } from '../../simulator/flagged-path.ts';
import type { BasicBlock, BlockIndex, Terminator } from '../cfg/instruction.ts';
import { collect } from './collect.ts';
import { isCompilable } from './compiled-path.ts';
import { assumeTruth, compare, not } from './condition.ts';
import { caseCondition } from './correlation.ts';
import { valueOf } from './elements.ts';
import { preprocessorFacts } from './events.ts';
import type { Frame } from './frame.ts';
import type { Loss } from './loss.ts';
import { followsNothing, quietBlocks } from './quiet-blocks.ts';
import { blocksBeforeReturn } from './returning-blocks.ts';
import { PropertyKeys } from './property-key.ts';
import { settledResults } from './settled-result.ts';
import { State } from './state.ts';
import { argumentPath } from './summary.ts';
import { extend } from './trace.ts';
import { Liveness } from './liveness.ts';
import { execute, type TransferContext } from './transfer.ts';
import { type CellKey, ref, type Value } from './value.ts';

/** How many states are kept apart. */
interface Width {
  /** At one basic block; beyond, integers no longer keep states apart. */
  readonly fine: number;
  /** The same where no block is followed yet, or none any more. */
  readonly fineWithoutBlocks: number;
  /** Beyond, at one basic block. */
  readonly coarse: number;
  /** Inside a basic block: calls with several outcomes follow each other. */
  readonly inBlock: number;
}

const WIDTHS: Record<'wide' | 'narrow' | 'atEnd', Width> = {
  wide: { fine: 8, fineWithoutBlocks: 3, coarse: 16, inBlock: 8 },
  narrow: { fine: 2, fineWithoutBlocks: 2, coarse: 4, inBlock: 6 },
  // Where a ladder of labels releases what is held, each state is one set of blocks, and few steps are left.
  atEnd: { fine: 8, fineWithoutBlocks: 3, coarse: 48, inBlock: 8 },
};
/** The last basic blocks of a function. */
const END_BLOCKS = 16;
/** What a program wrote is long, and its tests are rarely correlated. */
const GENERATED: Width = { fine: 2, fineWithoutBlocks: 2, coarse: 4, inBlock: 16 };
const WIDTHS_IF_GENERATED: typeof WIDTHS = {
  wide: GENERATED,
  narrow: { ...GENERATED, inBlock: 6 },
  atEnd: GENERATED,
};
/** Basic blocks executed per function. */
const MAX_STEPS = 6_000;
/** Instructions executed in all states of a function; beyond, fewer states are kept apart. */
const WIDE_WORK = 4_000;
const MAX_CUT_LOSSES = 20;
/** Cells in all states that are remembered; bounds the memory of a function. */
const MAX_CELLS = 400_000;

const NAMES_ERROR = /^(?:\([^()]*\)\s*)?\w*(?:[eE]rr|ERR|[fF]ail|[rR]aise|[eE]xception)\w*\s*\(/;

export interface Exit {
  readonly state: State;
  /** null: no value is returned. */
  readonly value: Value | null;
  /** The value is written out: `return NULL;`. */
  readonly isLiteral: boolean;
  /** What is returned comes from a function that is named after errors: `return set_error(…);`. */
  readonly namesError: boolean;
  readonly at: Span;
}

export interface Exploration {
  readonly exits: readonly Exit[];
  /** Basic blocks executed. */
  readonly steps: number;
  /** True: a bound was hit, so not every path was followed. */
  readonly isPartial: boolean;
  /** Blocks that were lost on paths that are not followed to their end. */
  readonly cutLosses: readonly Loss[];
}

/** The states in which a basic block was reached, by their properties. */
interface Seen {
  readonly fine: Map<string, State>;
  readonly coarse: Map<string, State>;
}

export function explore(frame: Frame, entry: State, context: TransferContext): Exploration {
  const { cfg } = frame;
  const liveness = new Liveness(cfg);
  const quiet = quietBlocks(cfg, context);
  const seen = cfg.blocks.map((): Seen => ({ fine: new Map(), coarse: new Map() }));
  const keys = new PropertyKeys();
  const pending = cfg.blocks.map(() => new Map<string, State>());
  const exits: Exit[] = [];
  let steps = 0;
  let work = 0;
  let cells = 0;
  let isPartial = false;
  const cutLosses: Loss[] = [];
  let lowest = 0;
  const { wide, narrow, atEnd } = frame.isGenerated ? WIDTHS_IF_GENERATED : WIDTHS;

  let returning: ReadonlySet<BlockIndex> | null = null;
  const cut = (block: BlockIndex, { losses }: State): void => {
    if (losses.length === 0 || cutLosses.length >= MAX_CUT_LOSSES) return;
    // What a program has when it ends is nobody's loss.
    returning ??= blocksBeforeReturn(cfg);
    if (returning.has(block)) cutLosses.push(...losses);
  };
  const enqueue = (block: BlockIndex, state: State): void => {
    const { fine, coarse } = seen[block]!;
    const isQuiet = quiet.has(block) && !frame.mayStartDetached && followsNothing(state);
    const isNearEnd = block >= cfg.blocks.length - END_BLOCKS;
    const width = isNearEnd ? atEnd : work > WIDE_WORK ? narrow : wide;
    const most = state.heap.size === 0 ? width.fineWithoutBlocks : width.fine;
    const isFine = !isQuiet && fine.size < most;
    let key = isQuiet ? '' : keys.of(state, false, frame.correlation.at(block));
    let known = isQuiet ? undefined : fine.get(key);
    let table = fine;
    if (known === undefined && !isFine) {
      key = `~${keys.of(state, true, frame.correlation.at(block))}`;
      known = coarse.get(key);
      table = coarse;
      if (known === undefined && coarse.size >= width.coarse) {
        isPartial = true;
        cut(block, state);
        return;
      }
    }
    const next = known === undefined ? state : known.join(state);
    if (next === null) return;
    cells += next.cells.size + next.facts.size;
    if (cells > MAX_CELLS) {
      isPartial = true;
      cut(block, state);
      return;
    }
    table.set(key, next);
    pending[block]!.set(key, next);
    lowest = Math.min(lowest, block);
  };

  enqueue(0, entry);
  while (lowest < cfg.blocks.length) {
    const queue = pending[lowest]!;
    const [first] = queue;
    if (first === undefined) {
      lowest++;
      continue;
    }
    queue.delete(first[0]);
    if (++steps > MAX_STEPS) {
      isPartial = true;
      for (const [i, states] of pending.entries()) {
        for (const state of states.values()) cut(i, state);
      }
      break;
    }
    const at = lowest;
    const block = cfg.blocks[at]!;
    frame.enter(at);
    if (!frame.isRepeated && queue.size === 0) forget(seen[at]!);
    const ends = liveness.lastUsesIn(at);
    const most = (work > WIDE_WORK ? narrow : wide).inBlock;
    // Where no path comes back to, nothing is joined with the state any more.
    const start = frame.isRepeated ? first[1].clone() : first[1];
    const ran = runBlock(frame, block, at, start, { context, keys, ends, most });
    const { states } = ran;
    work += ran.work;
    isPartial ||= ran.isCut;
    for (const state of states)
      finish(frame, block.terminator, state, { at, liveness, enqueue, exits });
  }
  return { exits, steps, isPartial, cutLosses };
}

function forget({ fine, coarse }: Seen): void {
  fine.clear();
  coarse.clear();
}

interface BlockSurroundings {
  readonly context: TransferContext;
  readonly keys: PropertyKeys;
  /** The temps that are dead after each instruction. */
  readonly ends: readonly (readonly CellKey[])[];
  /** States that are kept apart. */
  readonly most: number;
}

function runBlock(
  frame: Frame,
  block: BasicBlock,
  index: BlockIndex,
  start: State,
  { context, keys, ends, most }: BlockSurroundings,
): { states: State[]; work: number; isCut: boolean } {
  let states = [start];
  let isCut = false;
  let work = 0;
  const { observe } = context;
  const show = (i: number): void => {
    if (observe !== null) for (const state of states) observe(frame, index, i, state);
  };
  for (const [i, instruction] of block.instructions.entries()) {
    show(i);
    const before = states.length;
    const site = frame.names.site(index, i);
    const after =
      before === 1
        ? execute(frame, states[0]!, instruction, site, context)
        : states.flatMap((s) => execute(frame, s, instruction, site, context));
    // Who looks may ask for what the instruction read.
    for (const temp of observe === null ? ends[i]! : []) {
      for (const state of after) state.cells.delete(temp);
    }
    work += after.length;
    states = after.length > before ? merged(frame, keys, index, after, false) : after;
    if (states.length > most) states = merged(frame, keys, index, states, true);
    if (states.length > most) {
      states.length = most;
      isCut = true;
    }
  }
  show(block.instructions.length);
  return { states, work, isCut };
}

/** States with the same property become one. */
function merged(
  frame: Frame,
  keys: PropertyKeys,
  block: BlockIndex,
  states: readonly State[],
  isCoarse: boolean,
): State[] {
  const byKey = new Map<string, State>();
  for (const state of states) {
    const key = keys.of(state, isCoarse, frame.correlation.at(block));
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? state : (known.join(state) ?? known));
  }
  return [...byKey.values()];
}

interface Surroundings {
  readonly at: BlockIndex;
  readonly liveness: Liveness;
  readonly exits: Exit[];
  readonly enqueue: (block: BlockIndex, state: State) => void;
}

function finish(
  frame: Frame,
  terminator: Terminator,
  state: State,
  { at: index, liveness, enqueue, exits }: Surroundings,
): void {
  const go = (to: BlockIndex, next: State): void => {
    liveness.forgetDeadAtStart(next, to);
    collect(frame, next);
    enqueue(to, next);
  };
  switch (terminator.kind) {
    case 'goto':
      go(terminator.to, state);
      return;
    case 'branch': {
      const condition = valueOf(state, terminator.condition);
      if (condition.kind === 'int') {
        go(condition.value === 0 ? terminator.whenFalse : terminator.whenTrue, state);
        return;
      }
      // Before the state is copied.
      liveness.forgetDeadAtEnd(state, index);
      if (condition.kind === 'ref' && terminator.text !== '') {
        frame.correlation.note(terminator.text, condition.id, frame.origins);
      }
      for (const taken of [true, false]) {
        // The second way may have the state itself.
        const next = taken ? state.clone() : state;
        if (!assumeTruth(frame, next, condition, taken)) continue;
        const { at, text, preprocessor } = terminator;
        if (preprocessor && !isCompilable(frame, next)) continue;
        if (text !== '') {
          const compiledIf = preprocessor ? preprocessorFacts(next.facts) : null;
          const event = { kind: 'branch', condition: text, taken, compiledIf, at } as const;
          next.trace = extend(next.trace, event);
        }
        go(taken ? terminator.whenTrue : terminator.whenFalse, next);
      }
      return;
    }
    case 'switch': {
      const tested = valueOf(state, terminator.value);
      const labels = terminator.cases.map(({ label }) => valueOf(state, label));
      liveness.forgetDeadAtEnd(state, index);
      const rest = state.clone();
      let restIsPossible = true;
      const chosen = (next: State, condition: string, taken: boolean): State => {
        const { at } = terminator;
        const event = { kind: 'branch', condition, taken, compiledIf: null, at } as const;
        next.trace = extend(next.trace, event);
        return next;
      };
      for (const [i, { text, to }] of terminator.cases.entries()) {
        const next = state.clone();
        const equal = compare(frame, next, '==', tested, labels[i]!);
        const asked = caseCondition(terminator.text, text);
        if (equal.kind === 'ref') frame.correlation.note(asked, equal.id, frame.origins);
        if (assumeTruth(frame, next, equal, true)) go(to, chosen(next, asked, true));
        restIsPossible &&= assumeTruth(frame, rest, not(frame, equal), true);
      }
      if (restIsPossible)
        go(terminator.otherwise, chosen(rest, `${terminator.text} matches a case`, false));
      return;
    }
    case 'return':
      for (const result of settledResults(
        frame,
        state,
        terminator.value === null ? null : valueOf(state, terminator.value),
      )) {
        exits.push({
          state: result.state,
          value: result.value,
          isLiteral: /^(?:\(.*\*\s*\)\s*)?(?:NULL|0)$/.test(terminator.text),
          namesError: NAMES_ERROR.test(terminator.text),
          at: terminator.at,
        });
      }
      return;
    case 'stop':
      return;
  }
}

/** The state in which a function starts: parameters hold what the caller passed. */
export function entryState(frame: Frame, slotOf: (index: number) => string | null): State {
  const state = new State();
  frame.cfg.parameters.forEach((parameter, index) => {
    const id = `p${index}~`;
    frame.origins.set(id, {
      kind: 'initial',
      path: argumentPath(index),
      slot: slotOf(index),
    });
    if (parameter.local !== '') {
      state.cells.set(parameter.local, ref(id));
    }
  });
  return state;
}
