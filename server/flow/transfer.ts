// The effect of one instruction on a state. Modeling lives here, once; rules only listen.
import type { BlockIndex, Callee, Instruction, Place, Temp } from '../cfg/instruction.ts';
import { apiRow, type ApiRow, loadedApi, operatorRow } from '../knowledge/row.ts';
import { apiSummary } from './api-summary.ts';
import { exposeArrayMember } from './array-member.ts';
import { slotOf } from './array-slots.ts';
import type { Applied, CallApplier } from './call.ts';
import type { CallSite } from './call-site.ts';
import { isNamedForThreads } from './call-graph.ts';
import { combine, movePointer, compare, not } from './condition.ts';
import {
  cellOf,
  exposeElements,
  forgetElements,
  forgetElementsAtCall,
  keepElement,
  loadElement,
  valueOf,
} from './elements.ts';
import { type Listener, preprocessorFacts } from './events.ts';
import { askedStates, noteException } from './known-result.ts';
import { isRelation } from '../relation.ts';
import { fitting } from './default-arguments.ts';
import type { Frame } from './frame.ts';
import { calledRow, endOfObject, endsObject } from './references.ts';
import { observeThreads, type ThreadObserver } from './observe-threads.ts';
import { letGo } from './ownership.ts';
import { bound, boundedBy } from './size-overflow.ts';
import type { State } from './state.ts';
import type { Summary } from './summary.ts';
import { afterEffect, isDetached } from './thread-state.ts';
import { extend } from './trace.ts';
import type { KnownType } from './type-table.ts';
import { withMoreArguments } from './variadic.ts';
import { interiorRef, ref, tempKey, UNKNOWN, type Value } from './value.ts';
import { sourceName } from '../cfg/scope.ts';

export interface TransferContext {
  readonly calls: CallApplier;
  readonly listen: Listener;
  /** The summary of a function of the program, given these values; null: not one, or not known. */
  summaryOf(name: string, given?: readonly Value[]): Summary | null;
  /** What tp_dealloc of a type does to an instance; null: not known. */
  deallocOf(type: KnownType): Summary | null;
  /** Calling the type gives an instance that nobody else has. */
  makesFresh(type: KnownType): boolean;
  /** A function of the program, whether or not its effect is known. */
  isDefined(name: string): boolean;
  /** The function that a global pointer holds; null: not known. */
  functionIn(name: string): string | null;
  /** null: nobody looks. */
  readonly observe: Observer | null;
  /** A function of the program, or one that it calls, may attach or detach the thread state. */
  mayChangeThread(name: string): boolean;
  readonly threads: ThreadObserver;
}

/**
 * Sees each state before an instruction of a basic block, and before its terminator (the index after
 * the last instruction). It changes nothing, and keeps a state only as a clone.
 */
export type Observer = (frame: Frame, block: BlockIndex, index: number, state: State) => void;

/** The states after the instruction; none: control does not go on. */
export function execute(
  frame: Frame,
  state: State,
  instruction: Instruction,
  site: string,
  context: TransferContext,
): State[] {
  switch (instruction.op) {
    case 'constant':
      setTemp(state, instruction.to, { kind: 'int', value: instruction.value });
      return [state];
    case 'opaque':
      setTemp(state, instruction.to, opaque(frame, state, instruction.text, site));
      return [state];
    case 'literal':
      setTemp(state, instruction.to, { kind: 'text', text: instruction.text });
      return [state];
    case 'function':
      setTemp(state, instruction.to, { kind: 'function', name: instruction.name });
      return [state];
    case 'load': {
      const cell = cellOf(frame, state, instruction.from);
      if (reportDereference(state, instruction.from, instruction, context)) return [];
      const slot = cell === null ? slotOf(frame, state, instruction.from) : null;
      // A struct that is copied takes its members with it.
      if (cell !== null && frame.hasMembers(cell)) frame.exposeContents(state, cell);
      if (cell !== null) exposeArrayMember(frame, state, cell);
      setTemp(
        state,
        instruction.to,
        cell === null
          ? loadElement(frame, state, instruction.from, { site, slot })
          : frame.load(state, cell, site),
      );
      return [state];
    }
    case 'address':
      exposeElements(frame, state, instruction.of);
      forgetElements(frame, state, instruction.of);
      setTemp(state, instruction.to, addressOf(frame, state, instruction));
      return [state];
    case 'store': {
      const value = valueOf(state, instruction.value);
      const cell = cellOf(frame, state, instruction.to);
      if (reportDereference(state, instruction.to, instruction, context)) return [];
      recordAssignment(frame, state, value, instruction);
      const slot = cell === null ? slotOf(frame, state, instruction.to) : null;
      if (cell === null) exposeElements(frame, state, instruction.to);
      else letGo(frame, state, cell, value, { place: () => instruction.text, at: instruction.at });
      forgetElements(frame, state, instruction.to);
      context.calls.storeAt(state, cell, value, instruction.at, site, slot);
      if (cell === null) keepElement(frame, state, instruction.to, value);
      return [state];
    }
    case 'binary': {
      let left = valueOf(state, instruction.left);
      let right = valueOf(state, instruction.right);
      if (isRelation(instruction.operator)) boundedBy(frame, left, right);
      if (instruction.operator === '==' || instruction.operator === '!=') {
        for (const value of [left, right]) state.checked(value);
        left = valueOf(state, instruction.left);
        right = valueOf(state, instruction.right);
      }
      if (isRelation(instruction.operator)) {
        setTemp(state, instruction.to, compare(frame, state, instruction.operator, left, right));
        return [state];
      }
      const operation = instruction.movesPointer ? movePointer : combine;
      const result = operation(frame, state, instruction.operator, left, right, site);
      if (mayHidePointer(instruction.operator, left, right)) {
        for (const operand of [left, right]) {
          if (operand.kind !== 'ref' || !state.isPrivate(operand.id)) continue;
          if (result.kind !== 'ref' || result.id !== operand.id) state.escape(operand);
        }
      }
      setTemp(state, instruction.to, result);
      return [state];
    }
    case 'unary': {
      if (instruction.operator === '!') state.checked(valueOf(state, instruction.operand));
      const operand = valueOf(state, instruction.operand);
      setTemp(
        state,
        instruction.to,
        instruction.operator === '!'
          ? not(frame, operand)
          : combine(frame, state, instruction.operator, { kind: 'int', value: 0 }, operand, site),
      );
      return [state];
    }
    case 'declare':
    case 'end-scope':
      if (instruction.op === 'declare' && instruction.array) frame.noteArray(instruction.local);
      letGo(frame, state, instruction.local, null, {
        place: () => sourceName(instruction.local),
        at: instruction.at,
      });
      frame.declare(state, instruction.local, `@${site};`);
      return [state];
    case 'call':
      return call(frame, state, instruction, site, context);
  }
}

function setTemp(state: State, temp: Temp, value: Value): void {
  state.cells.set(tempKey(temp), value);
}

function opaque(frame: Frame, state: State, text: string | null, site: string): Value {
  if (text === null) return frame.fresh(state, `value${site}`, { kind: 'opaque', slot: null });
  const id = `'${text}'`;
  if (!frame.origins.has(id)) frame.origins.set(id, { kind: 'opaque', slot: null });
  return ref(id);
}

function addressOf(
  frame: Frame,
  state: State,
  { of: place, inside }: Instruction & { op: 'address' },
): Value {
  // `&p[0]` and `&*p` are p; `&p[i]` and `&p->member` point into the block.
  const pointer = pointerBelow(state, place);
  if (place.kind === 'memory') return pointer;
  if (place.kind === 'element' && place.base.kind === 'memory') {
    if (place.index === 0) return pointer;
    return pointer.kind === 'ref' ? interiorRef(pointer.id, { inside }) : UNKNOWN;
  }
  const cell = cellOf(frame, state, place);
  if (cell !== null && inside) frame.insideCells.add(cell);
  return cell === null ? UNKNOWN : { kind: 'address', cell };
}

/** Whether a pointer may be told again from the number that the operation makes of it. */
function mayHidePointer(operator: string, left: Value, right: Value): boolean {
  if (operator === '-') return left.kind !== 'ref' || right.kind !== 'ref';
  if (operator === '%' || operator === '/') return false;
  // `(uintptr_t)p & 15` asks for the alignment.
  return operator !== '&' || right.kind !== 'int' || right.value < 0 || right.value > 0xfff;
}

function pointerBelow(state: State, place: Place): Value {
  let current = place;
  while (current.kind === 'field' || current.kind === 'element') current = current.base;
  return current.kind === 'memory' ? valueOf(state, current.pointer) : UNKNOWN;
}

/** Whether the path ends there. */
function reportDereference(
  state: State,
  place: Place,
  instruction: Instruction & { op: 'load' | 'store' },
  context: TransferContext,
): boolean {
  const pointer = pointerBelow(state, place);
  if (pointer.kind !== 'ref') return false;
  const { text, at } = instruction;
  const how = instruction.op === 'load' ? 'read' : 'write';
  const isFatal =
    state.unchecked.has(pointer.id) &&
    context.calls.unchecked.dereferenced(state, pointer, { how, pointer: text, callee: null, at });
  if (!state.isFreed(pointer.id)) return isFatal;
  context.listen({
    kind: 'use',
    subject: context.calls.subjectOf(state, pointer),
    how,
    pointer: text,
    trace: state.trace,
    compiledIf: preprocessorFacts(state.facts),
    at,
  });
  // One report for a dangling pointer is enough.
  state.replace(pointer.id, UNKNOWN);
  return isFatal;
}

function recordAssignment(
  frame: Frame,
  state: State,
  value: Value,
  instruction: Instruction & { op: 'store' },
): void {
  if (value.kind !== 'ref' || instruction.text === '' || !state.heap.has(value.id)) return;
  const origin = frame.origins.get(value.id);
  if (origin?.kind === 'allocation' && origin.allocation.pointer === instruction.text) return;
  state.trace = extend(state.trace, {
    kind: 'assign',
    id: value.id,
    place: instruction.text,
    at: instruction.at,
  });
}

function call(
  frame: Frame,
  state: State,
  instruction: Instruction & { op: 'call' },
  site: string,
  context: TransferContext,
): State[] {
  const values = instruction.arguments.map((a) => valueOf(state, a.value));
  const { callee } = instruction;
  const name = calleeName(state, instruction, context);
  const isOperator = callee.kind === 'operator';
  const pointed = pointerName(callee, name);
  const told = name === null || isOperator ? null : context.summaryOf(name, values);
  const fit = fitting(told, values.length);
  const analyzed = fit === null ? null : withMoreArguments(fit, values.length);
  const isProgram = name !== null && !isOperator && (analyzed !== null || context.isDefined(name));
  const row =
    name === null || isProgram ? undefined : isOperator ? operatorRow(name) : apiRow(name);
  const callSite: CallSite = {
    site,
    at: instruction.at,
    name: name ?? '',
    arguments: instruction.arguments,
    values,
    through: pointed === null ? instruction.through : [...instruction.through, pointed],
    calleeSpan: pointed === null ? instruction.calleeSpan : null,
    boundTo: instruction.boundTo,
    isAnalyzed: analyzed !== null,
    endsObject: false,
  };
  const ofRow =
    row === undefined
      ? null
      : apiSummary(
          calledRow(frame, row, values, (type) => context.makesFresh(type)),
          {
            values,
            summaryOf: (converter) => context.summaryOf(converter),
            pointee: (i) => {
              const cell = frame.memoryCell(values[i] ?? UNKNOWN);
              return cell === null ? UNKNOWN : frame.load(state, cell, `${site}e${i}`);
            },
          },
        );
  const summary = analyzed ?? ofRow;
  forgetElementsAtCall(frame, state, callSite, row);
  if (name !== null) {
    const mayCallBack =
      isDetached(state.thread) && !context.isDefined(name) && !mayAttach(instruction, context);
    const called = { api: name, arguments: instruction.arguments, values, mayCallBack };
    observeThreads(state, { ...called, at: instruction.at }, context.threads);
  }
  const matters = frame.mayStartDetached || isDetached(state.thread);
  if (summary === null && matters && mayAttach(instruction, context))
    state.thread = afterEffect(state.thread, 'forget');
  const applied =
    summary === null
      ? [context.calls.applyUnknown(state, callSite)]
      : row !== undefined && ofRow !== null && endsObject(frame, state, row, values)
        ? endObject(frame, state, callSite, { row, ofRow }, context)
        : askedStates(state, row).flatMap((asked) => context.calls.apply(asked, callSite, summary));
  // What is given a number may check it, unless it takes any size or only says what is wrong.
  const looks =
    row === undefined || !(row.raises || row.sizeArgs.some(({ meaning }) => meaning === 'bytes'));
  if (looks) for (const value of values) bound(frame, value);
  return applied.map(({ state: after, result }) => {
    if (summary?.mayRaise ?? true) after.raised();
    noteException(after, row, result);
    after.cells.set(tempKey(instruction.to), result);
    return after;
  });
}

/** The last reference to an object goes: its type's tp_dealloc runs. */
function endObject(
  frame: Frame,
  state: State,
  site: CallSite,
  { row, ofRow }: { readonly row: ApiRow; readonly ofRow: Summary },
  context: TransferContext,
): Applied[] {
  const origin = frame.originOf(site.values[row.pointerArg ?? 0] ?? UNKNOWN);
  const types = origin?.kind === 'allocation' ? origin.allocation.types : [];
  const dealloc = types.length === 1 ? context.deallocOf(types[0]!) : null;
  const summary = endOfObject(row, ofRow, dealloc);
  const end = { ...site, name: summary.name, isAnalyzed: dealloc !== null, endsObject: true };
  return context.calls.apply(state, end, summary);
}

/**
 * Whether a call out of view may attach the thread state.
 * Unsound: any function may; those whose names say nothing of it are taken for what code without a
 * thread state calls, a library or a system call.
 */
function mayAttach({ callee }: Instruction & { op: 'call' }, context: TransferContext): boolean {
  if (callee.kind === 'value' || callee.kind === 'operator') return false;
  const { name } = callee;
  // A cast: `(Py_ssize_t)(n)`.
  if (name.endsWith('_t')) return false;
  if (callee.kind === 'function' && context.isDefined(name)) return context.mayChangeThread(name);
  // A class with a constructor of its own may be one that attaches.
  const constructed = `${name}::${name}`;
  if (context.isDefined(constructed)) return context.mayChangeThread(constructed);
  return /^[A-Z_][A-Z0-9_]+$/.test(name) || /^_*Py/.test(name) || isNamedForThreads(name);
}

/** The pointer that a known function is called through, as written; null: it is called by its name. */
function pointerName(callee: Callee, name: string | null): string | null {
  if (name === null || callee.kind === 'operator' || callee.kind === 'value') return null;
  return callee.name === name ? null : callee.name;
}

function calleeName(
  state: State,
  instruction: Instruction & { op: 'call' },
  context: TransferContext,
): string | null {
  const { callee } = instruction;
  if (callee.kind === 'operator') return callee.name;
  if (callee.kind === 'function') {
    const { name } = callee;
    const isKnown = context.isDefined(name) || apiRow(name) !== undefined;
    return isKnown ? name : (context.functionIn(name) ?? loadedApi(name) ?? name);
  }
  const value = state.cells.get(tempKey(callee.value));
  if (value?.kind === 'function') return value.name;
  if (callee.kind !== 'member') return null;
  // A slot of a type object, called through the type.
  return apiRow(callee.name)?.kind === 'type-slot' ? callee.name : null;
}
