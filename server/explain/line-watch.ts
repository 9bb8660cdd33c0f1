// The pointers on one source line as the exploration meets them: what each expression was worth on each
// path. Watches a run; knows nothing of rules.
import type { Instruction, Temp } from '../cfg/instruction.ts';
import type { FunctionNode } from '../flow/call-graph.ts';
import type { Frame } from '../flow/frame.ts';
import type { State } from '../flow/state.ts';
import type { Observer } from '../flow/transfer.ts';
import { tempKey, UNKNOWN } from '../flow/value.ts';
import { escapeLog } from './escape-log.ts';
import { type KnownValue, knownValue, type Surroundings } from './known-value.ts';
import type { CalleeNote } from './value-source.ts';

export interface SeenPointer {
  /** As written: `self->data`. */
  readonly expression: string;
  readonly how: 'read' | 'assigned' | 'result' | 'returned' | `given to ${string}`;
  /** Each once, in the order of the paths. */
  readonly values: readonly KnownValue[];
}

export interface LineWatch {
  readonly observe: Observer;
  /** In the order of evaluation. */
  pointers(): readonly SeenPointer[];
  /** A path that was followed gets to the line. */
  wasReached(): boolean;
}

/** Values of one expression that are told; loops may bring hundreds. */
const MAX_VALUES = 12;

interface Expression {
  readonly expression: string;
  readonly how: SeenPointer['how'];
  readonly temp: Temp;
}

export function lineWatch(node: FunctionNode, line: number, noteOf: CalleeNote): LineWatch {
  const { definition } = node;
  const isNumber = numbersIn(definition.text.slice(definition.start, definition.end));
  const seen = new Map<string, { first: Expression; values: Map<string, KnownValue> }>();
  const escapes = escapeLog();
  let reached = false;

  const note = (each: Expression, state: State, around: Surroundings): void => {
    if (!/[A-Za-z_]/.test(each.expression) || isNumber(each.expression)) return;
    const value = knownValue(state.cells.get(tempKey(each.temp)) ?? UNKNOWN, state, around);
    if (value === null) return;
    const key = `${each.how === 'read' ? '' : each.how} ${each.expression}`;
    const entry = seen.get(key) ?? { first: each, values: new Map<string, KnownValue>() };
    seen.set(key, entry);
    if (entry.values.size < MAX_VALUES) entry.values.set(JSON.stringify(value), value);
  };

  return {
    observe(frame: Frame, block, index, state) {
      escapes.observe(frame, block, index, state);
      const { instructions, terminator } = frame.cfg.blocks[block]!;
      const around = { frame, noteOf, escapeOf: escapes.reasonOf };
      const before = instructions[index - 1];
      if (before?.at.line === line) for (const e of madeBy(before)) note(e, state, around);
      const next = instructions[index];
      if (next?.at.line === line) {
        reached = true;
        for (const e of usedBy(next)) note(e, state, around);
      }
      if (next !== undefined || !('at' in terminator) || terminator.at.line !== line) return;
      reached = true;
      if (terminator.kind === 'return' && terminator.value !== null) {
        note(
          { expression: terminator.text, how: 'returned', temp: terminator.value },
          state,
          around,
        );
      }
    },
    pointers: () => {
      const all = Array.from(seen.values(), ({ first: { expression, how }, values }) => ({
        expression,
        how,
        values,
      }));
      return all
        .filter((pointer) => !all.some((other) => saysMore(other, pointer)))
        .map(({ expression, how, values }) => ({ expression, how, values: [...values.values()] }));
    },
    wasReached: () => reached,
  };
}

interface Seen {
  readonly expression: string;
  readonly how: SeenPointer['how'];
  readonly values: ReadonlyMap<string, KnownValue>;
}

/** An argument is read first, a result assigned next: once is enough. */
function saysMore(other: Seen, pointer: Seen): boolean {
  const isWeaker =
    (pointer.how === 'read' && other.how !== 'read') ||
    (pointer.how === 'assigned' && other.how === 'result');
  return (
    isWeaker &&
    other.expression === pointer.expression &&
    [...pointer.values.keys()].every((value) => other.values.has(value))
  );
}

/** Seen after the instruction. */
function madeBy(instruction: Instruction): readonly Expression[] {
  if (instruction.op === 'load')
    return [{ expression: instruction.text, how: 'read', temp: instruction.to }];
  if (instruction.op === 'call')
    return [{ expression: instruction.boundTo, how: 'result', temp: instruction.to }];
  return [];
}

/** Seen before the instruction. */
function usedBy(instruction: Instruction): readonly Expression[] {
  switch (instruction.op) {
    case 'store':
      return [{ expression: instruction.text, how: 'assigned', temp: instruction.value }];
    case 'call': {
      const { callee, arguments: given } = instruction;
      const name = callee.kind === 'value' ? 'code that is not modeled' : `${callee.name}()`;
      return given.map(({ text, value }) => {
        return { expression: text, how: `given to ${name}`, temp: value };
      });
    }
    default:
      return [];
  }
}

const NUMBER =
  '(?:unsigned|signed|int|long|short|char|float|double|bool|_Bool|s?size_t|Py_s?size_t|u?int\\d+_t|npy_\\w+|Py_UCS\\d|Py_hash_t)';

/** Tells the names that a function declares as numbers: which type an expression has is not known here. */
function numbersIn(text: string): (expression: string) => boolean {
  return (expression) => {
    if (!/^[A-Za-z_]\w*$/.test(expression)) return false;
    return new RegExp(`\\b${NUMBER}\\s+(?:\\w+\\s*(?:=[^,;()*]*)?,\\s*)*${expression}\\b`).test(
      text,
    );
  };
}
