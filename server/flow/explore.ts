// Path-sensitive exploration of one function: a worklist over basic blocks in reverse postorder.
// States with the same property (which blocks are live, freed, and who holds them) are merged, as in
// ESP (Das, Lerner, Seigle 2002); over the bounds, paths are given up, never invented.
import type { Span } from '../../simulator/flagged-path.ts';
import type {
  BasicBlock,
  BlockIndex,
  Cfg,
  Instruction,
  Place,
  Temp,
  Terminator,
} from '../cfg/instruction.ts';
import { assumeTruth, compare, not } from './condition.ts';
import type { Frame } from './frame.ts';
import { State } from './state.ts';
import { extend } from './trace.ts';
import { execute, tempKey } from './transfer.ts';
import type { TransferContext } from './transfer.ts';
import { type Id, UNKNOWN, type Value, ref } from './value.ts';

/** States kept apart at one basic block; beyond, integers no longer keep states apart. */
const FINE_STATES = 12;
/** What a program wrote is long, and its tests are rarely correlated. */
const FINE_STATES_IF_GENERATED = 2;
const MAX_STATES_IF_GENERATED = 4;
/** The same where no block is followed yet, or none any more. */
const FINE_STATES_WITHOUT_BLOCKS = 4;
const MAX_STATES = 20;
/** Basic blocks executed per function. */
const MAX_STEPS = 6_000;
/** Cells in all states that are remembered; bounds the memory of a function. */
const MAX_CELLS = 400_000;

export interface Exit {
  readonly state: State;
  /** null: no value is returned. */
  readonly value: Value | null;
  /** The value is written out: `return NULL;`. */
  readonly isLiteral: boolean;
  readonly at: Span;
}

export interface Exploration {
  readonly exits: readonly Exit[];
  /** Basic blocks executed. */
  readonly steps: number;
  /** True: a bound was hit, so not every path was followed. */
  readonly isPartial: boolean;
}

export function explore(frame: Frame, entry: State, context: TransferContext): Exploration {
  const { cfg } = frame;
  const crossing = crossingTemps(cfg);
  const repeated = repeatedQuestions(cfg);
  const seen = cfg.blocks.map(() => ({
    fine: new Map<string, State>(),
    coarse: new Map<string, State>(),
  }));
  const pending = cfg.blocks.map(() => new Map<string, State>());
  const exits: Exit[] = [];
  let steps = 0;
  let cells = 0;
  let isPartial = false;
  let lowest = 0;
  const withBlocks = frame.isGenerated ? FINE_STATES_IF_GENERATED : FINE_STATES;
  const most = frame.isGenerated ? MAX_STATES_IF_GENERATED : MAX_STATES;
  const withoutBlocks = Math.min(withBlocks, FINE_STATES_WITHOUT_BLOCKS);

  const enqueue = (block: BlockIndex, state: State): void => {
    const { fine, coarse } = seen[block]!;
    const isFine = fine.size < (state.heap.size === 0 ? withoutBlocks : withBlocks);
    let key = state.propertyKey(false, frame.correlated);
    let known = fine.get(key);
    let table = fine;
    if (known === undefined && !isFine) {
      key = `~${state.propertyKey(true, frame.correlated)}`;
      known = coarse.get(key);
      table = coarse;
      if (known === undefined && coarse.size >= most) {
        isPartial = true;
        return;
      }
    }
    const next = known === undefined ? state : known.join(state);
    if (next === null) return;
    cells += next.cells.size + next.facts.size;
    if (cells > MAX_CELLS) {
      isPartial = true;
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
      break;
    }
    const at = lowest;
    const block = cfg.blocks[at]!;
    const { states, isCut } = runBlock(frame, block, at, first[1].clone(), context);
    isPartial ||= isCut;
    for (const state of states)
      finish(frame, block.terminator, state, { crossing, repeated, enqueue, exits });
  }
  return { exits, steps, isPartial };
}

/** States kept apart inside a basic block; calls with several outcomes follow each other. */
const MAX_IN_BLOCK = 16;

function runBlock(
  frame: Frame,
  block: BasicBlock,
  index: BlockIndex,
  start: State,
  context: TransferContext,
): { states: State[]; isCut: boolean } {
  let states = [start];
  let isCut = false;
  const { observe } = context;
  const show = (i: number): void => {
    if (observe !== null) for (const state of states) observe(frame, index, i, state);
  };
  block.instructions.forEach((instruction, i) => {
    show(i);
    const before = states.length;
    const after = states.flatMap((s) => execute(frame, s, instruction, `${index}.${i}`, context));
    states = after.length > before ? merged(frame, after) : after;
    if (states.length > MAX_IN_BLOCK) {
      states.length = MAX_IN_BLOCK;
      isCut = true;
    }
  });
  show(block.instructions.length);
  return { states, isCut };
}

/** States with the same property become one. */
function merged(frame: Frame, states: readonly State[]): State[] {
  const byKey = new Map<string, State>();
  for (const state of states) {
    const key = state.propertyKey(false, frame.correlated);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? state : (known.join(state) ?? known));
  }
  return [...byKey.values()];
}

interface Surroundings {
  readonly crossing: ReadonlySet<Temp>;
  /** The texts of conditions that are tested more than once. */
  readonly repeated: ReadonlySet<string>;
  readonly exits: Exit[];
  readonly enqueue: (block: BlockIndex, state: State) => void;
}

function finish(
  frame: Frame,
  terminator: Terminator,
  state: State,
  { crossing, repeated, enqueue, exits }: Surroundings,
): void {
  const value = (temp: Temp): Value => state.cells.get(tempKey(temp)) ?? UNKNOWN;
  const go = (to: BlockIndex, next: State): void => {
    dropTemps(next, crossing);
    frame.collect(next);
    enqueue(to, next);
  };
  switch (terminator.kind) {
    case 'goto':
      go(terminator.to, state);
      return;
    case 'branch': {
      const condition = value(terminator.condition);
      if (condition.kind === 'int') {
        go(condition.value === 0 ? terminator.whenFalse : terminator.whenTrue, state);
        return;
      }
      if (condition.kind === 'ref' && repeated.has(terminator.text)) correlate(frame, condition.id);
      for (const taken of [true, false]) {
        // The second way may have the state itself.
        const next = taken ? state.clone() : state;
        if (!assumeTruth(frame, next, condition, taken)) continue;
        const { at, text } = terminator;
        next.trace = extend(next.trace, { kind: 'branch', condition: text, taken, at });
        go(taken ? terminator.whenTrue : terminator.whenFalse, next);
      }
      return;
    }
    case 'switch': {
      const tested = value(terminator.value);
      const rest = state.clone();
      let restIsPossible = true;
      const chosen = (next: State, condition: string, taken: boolean): State => {
        const event = { kind: 'branch', condition, taken, at: terminator.at } as const;
        next.trace = extend(next.trace, event);
        return next;
      };
      for (const { label, text, to } of terminator.cases) {
        const next = state.clone();
        const equal = compare(frame, next, '==', tested, value(label));
        if (equal.kind === 'ref' && repeated.has(`${terminator.text} == ${text}`)) {
          correlate(frame, equal.id);
        }
        if (assumeTruth(frame, next, equal, true))
          go(to, chosen(next, `${terminator.text} == ${text}`, true));
        restIsPossible &&= assumeTruth(frame, rest, not(frame, equal), true);
      }
      if (restIsPossible)
        go(terminator.otherwise, chosen(rest, `${terminator.text} matches a case`, false));
      return;
    }
    case 'return':
      exits.push({
        state,
        value: terminator.value === null ? null : value(terminator.value),
        isLiteral: /^(?:\(.*\*\s*\)\s*)?(?:NULL|0)$/.test(terminator.text),
        at: terminator.at,
      });
      return;
    case 'stop':
      return;
  }
}

function repeatedQuestions(cfg: Cfg): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { terminator } of cfg.blocks) {
    for (const text of questionsOf(terminator)) (seen.has(text) ? repeated : seen).add(text);
  }
  return repeated;
}

/** Conditions as text; a switch asks one for each of its labels. */
function questionsOf(terminator: Terminator): readonly string[] {
  if (terminator.kind === 'branch') return [terminator.text];
  if (terminator.kind !== 'switch') return [];
  return terminator.cases.map(({ text }) => `${terminator.text} == ${text}`);
}

function correlate(frame: Frame, id: Id): void {
  frame.correlated.add(id);
  const origin = frame.origins.get(id);
  if (origin?.kind === 'negation' && origin.operand.kind === 'ref') {
    correlate(frame, origin.operand.id);
  }
  if (origin?.kind !== 'comparison') return;
  for (const side of [origin.left, origin.right]) {
    if (side.kind === 'ref' && !side.id.startsWith("'")) frame.correlated.add(side.id);
  }
}

function dropTemps(state: State, crossing: ReadonlySet<Temp>): void {
  for (const cell of state.cells.keys()) {
    if (cell.startsWith('%') && !crossing.has(Number(cell.slice(1)))) state.cells.delete(cell);
  }
}

/** The temps that are used in another basic block than the one that defines them. */
function crossingTemps(cfg: Cfg): ReadonlySet<Temp> {
  const definedIn = new Map<Temp, BlockIndex>();
  cfg.blocks.forEach((block, i) => {
    for (const instruction of block.instructions) {
      if ('to' in instruction && typeof instruction.to === 'number')
        definedIn.set(instruction.to, i);
    }
  });
  const crossing = new Set<Temp>();
  cfg.blocks.forEach((block, i) => {
    const use = (temp: Temp): void => {
      if (definedIn.get(temp) !== i) crossing.add(temp);
    };
    for (const instruction of block.instructions) usedTemps(instruction).forEach(use);
    const { terminator } = block;
    if (terminator.kind === 'branch') use(terminator.condition);
    if (terminator.kind === 'switch')
      [terminator.value, ...terminator.cases.map((c) => c.label)].forEach(use);
    if (terminator.kind === 'return' && terminator.value !== null) use(terminator.value);
  });
  return crossing;
}

function tempsOf(place: Place | null): Temp[] {
  let current = place;
  while (current?.kind === 'field' || current?.kind === 'element') current = current.base;
  return current?.kind === 'memory' ? [current.pointer] : [];
}

function usedTemps(instruction: Instruction): Temp[] {
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

/** The state in which a function starts: parameters hold what the caller passed. */
export function entryState(frame: Frame, slotOf: (index: number) => string | null): State {
  const state = new State();
  frame.cfg.parameters.forEach((parameter, index) => {
    const id = `p${index}~`;
    frame.origins.set(id, {
      kind: 'initial',
      path: { root: { kind: 'argument', index }, steps: [] },
      slot: slotOf(index),
    });
    if (parameter.local !== '') {
      state.cells.set(parameter.local, ref(id));
    }
  });
  return state;
}
