// One function explored and summarized, in each form in which it can be compiled.
import { compact } from '../cfg/compact.ts';
import { apiRow } from '../knowledge/row.ts';
import { canonicalStruct } from '../cfg/declarations.ts';
import type { Cfg } from '../cfg/instruction.ts';
import { parseCondition } from '../preprocess/condition.ts';
import { meaningsAt } from '../preprocess/switches.ts';
import { CallApplier } from './call.ts';
import { CallBlocks } from './call-blocks.ts';
import type { FunctionNode } from './call-graph.ts';
import type { Callbacks } from './callbacks.ts';
import { assumeCompiled } from './compiled-path.ts';
import { dereferencedParameters } from './dereferenced-parameters.ts';
import { cellOf } from './elements.ts';
import { type Listener, subjectAtStart } from './events.ts';
import {
  errorReturnOf,
  functionMayRaise,
  reportSilentFailures,
  returnsNumber,
  rowMayRaise,
} from './exceptions.ts';
import { entryState, explore } from './explore.ts';
import { Frame } from './frame.ts';
import type { FunctionPointers } from './function-pointers.ts';
import { bodiesOf, type FunctionBody } from './function-body.ts';
import type { Detachment } from './heap-call.ts';
import { tellReturned } from './handed-over.ts';
import { reportLosses } from './loss-report.ts';
import { summarize } from './summarize.ts';
import { argumentPath, type Summary } from './summary.ts';
import { DETACHED_AT_ENTRY } from './thread-state.ts';
import { extend } from './trace.ts';
import type { TransferContext } from './transfer.ts';
import { type KnownType, typeSlot, type TypeTable } from './type-table.ts';
import { reportReturnedKeepers } from './returned-keepers.ts';
import { trackedRelease, type UntrackingOf, untrackingOf } from './untracking.ts';
import { lower } from './unit.ts';
import { readsMoreArguments } from './variadic.ts';

export interface Explored {
  readonly summary: Summary | string;
  readonly steps: number;
  readonly isPartial: boolean;
}

/** What a function sees of the others, as far as it is known. */
export type Program = Pick<
  TransferContext,
  | 'summaryOf'
  | 'isDefined'
  | 'functionIn'
  | 'deallocOf'
  | 'makesFresh'
  | 'threads'
  | 'mayChangeThread'
  | 'observe'
> & {
  readonly types: TypeTable;
  readonly pointers: FunctionPointers;
};

export interface Start {
  readonly mayStartDetached: boolean;
  /** What starts the function with a detached thread state; null: it runs as its caller does. */
  readonly detached: Detachment | null;
  /** What parameters are known to hold. */
  readonly callbacks?: Callbacks;
}

/** A text: why the function is not analyzed. */
export function exploreFunction(
  node: FunctionNode,
  program: Program,
  start: Start,
  listen: Listener,
): Explored | string {
  const bodies = bodiesOf(node.definition, node.unit);
  if (bodies.length === 0) return 'it does not parse by itself';
  const explored = bodies.map((body) => exploreBody(node, body, { program, start, listen }));
  const [first, ...others] = explored;
  return others.reduce(together, first!);
}

/** Two alternatives of one function: which of them is compiled is not known. */
function together(a: Explored | string, b: Explored | string): Explored | string {
  if (typeof a === 'string') return a;
  if (typeof b === 'string') return b;
  const summary = typeof a.summary === 'string' ? a.summary : b.summary;
  const isPartial = a.isPartial || b.isPartial;
  const steps = a.steps + b.steps;
  if (typeof a.summary === 'string' || typeof b.summary === 'string') {
    return { summary, steps, isPartial };
  }
  const outcomes = [...a.summary.outcomes, ...b.summary.outcomes];
  const fills = [...a.summary.fills, ...b.summary.fills];
  return { summary: { ...a.summary, outcomes, fills }, steps, isPartial };
}

function exploreBody(
  { file, unit, definition }: FunctionNode,
  body: FunctionBody,
  { program, start, ...told }: { program: Program; start: Start; listen: Listener },
): Explored | string {
  let isCompiled = true;
  const listen: Listener = (event) => {
    if (isCompiled) told.listen(event);
  };
  const lowered = lower(unit, definition.name, body);
  if (typeof lowered === 'string') return lowered;
  const cfg = compact(lowered);
  const type = program.types.destroyedBy(definition.name, file);
  const frame = new Frame(cfg, {
    isDestructor: type !== null || definition.name.includes('~'),
    mayStartDetached: start.mayStartDetached,
    isExtension: file.isExtension,
    isGenerated: file.isGenerated,
    isDefined: (name) => program.isDefined(name),
    made: program.types.madeBy(definition.name, file),
    named: (name) => program.types.named(name, file),
    functionIn: (cell) => program.pointers.inCell(cell, file),
    structNamed: (name) => {
      const struct = canonicalStruct(name, unit.declarations);
      return struct !== null && unit.declarations.structs.get(struct) !== undefined ? struct : null;
    },
  });
  const calls = new CallApplier(frame, listen, (state, place) => cellOf(frame, state, place));
  const context: TransferContext = { calls, listen, ...program };
  const entry = entryState(frame, (index) =>
    index === 0 && type !== null ? typeSlot(type) : null,
  );
  for (const [index, name] of start.callbacks ?? []) {
    const local = cfg.parameters[index]?.local ?? '';
    if (local !== '') entry.cells.set(local, { kind: 'function', name });
  }
  for (const condition of [...definition.conditions, ...body.conditions]) {
    const { text, holds } = condition;
    const asked = { condition: parseCondition(text), truth: holds };
    const use = { file: file.source.file, offset: definition.start };
    isCompiled &&= assumeCompiled(frame, entry, asked, meaningsAt(unit.macros, use));
  }
  const knownUntracking: UntrackingOf = (name) => context.summaryOf(name)?.untracking ?? null;
  if (type !== null && program.types.isCollected(type) === true) {
    tellTracked(cfg, type, { untracking: knownUntracking, listen });
  }
  if (start.detached !== null) {
    entry.thread = DETACHED_AT_ENTRY;
    entry.trace = extend(null, { kind: 'thread-state', attached: false, ...start.detached });
  }
  const exploration = explore(frame, entry, context);
  const { exits, steps, isPartial } = exploration;
  if (start.detached?.how === 'hook') {
    tellReturned(frame, new CallBlocks(frame, listen), exits, start.detached.api);
  }
  const dereferences = dereferencedParameters(cfg, (name) => {
    const known = context.summaryOf(name);
    return known?.dereferences ?? (context.isDefined(name) ? [] : (apiRow(name)?.nonNull ?? []));
  });
  const mayRaise = functionMayRaise(cfg, (name) => {
    const known = context.summaryOf(name);
    if (known !== null) return known.mayRaise;
    const row = context.isDefined(name) ? undefined : apiRow(name);
    return row === undefined || rowMayRaise(row);
  });
  // What the program holds when it ends is nobody's loss.
  const expected = errorReturnOf(
    definition,
    file,
    program.types.initializes(definition.name, file),
  );
  if (!isProgram(cfg.name)) {
    const result = {
      mayBePointer: !returnsNumber(definition),
      isNullOnError: expected?.value === 0,
    };
    reportLosses(frame, exploration, result, listen);
  }
  reportReturnedKeepers(frame, exits, listen);
  if (expected !== null) reportSilentFailures(exits, expected, listen);
  const summary = isPartial
    ? 'not every path was followed'
    : (summarize(frame, exits, {
        dereferences,
        mayRaise,
        untracking: untrackingOf(cfg, knownUntracking),
        escapesFrom: readsMoreArguments(cfg, (name) => program.isDefined(name))
          ? cfg.parameters.length
          : Infinity,
      }) ?? 'it has too many outcomes');
  return { summary, steps, isPartial };
}

function isProgram(name: string): boolean {
  return /^(w?main|w?WinMain)$/.test(name);
}

function tellTracked(
  cfg: Cfg,
  type: KnownType,
  { untracking, listen }: { readonly untracking: UntrackingOf; readonly listen: Listener },
): void {
  const given = trackedRelease(cfg, untracking);
  if (given === null) return;
  const path = argumentPath(0);
  listen({
    kind: 'tracked-destruction',
    subject: subjectAtStart('p0~', { kind: 'initial', path, slot: typeSlot(type) }, null),
    type: type.name,
    pointer: given.text,
    trace: null,
    compiledIf: new Map(),
    at: given.at,
  });
}
