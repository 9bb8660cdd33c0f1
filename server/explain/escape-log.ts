// By which instruction a value first came within reach of code out of view, for each value of a function:
// noted while the exploration runs.
import type { Instruction } from '../cfg/instruction.ts';
import type { Observer } from '../flow/transfer.ts';
import type { Id } from '../flow/value.ts';
import { instructionAt } from './value-source.ts';

export interface EscapeLog {
  readonly observe: Observer;
  readonly reasonOf: (id: Id) => string;
}

export function escapeLog(): EscapeLog {
  const causes = new Map<Id, Instruction | null>();
  return {
    observe(frame, block, index, state) {
      for (const id of state.escaped.keys()) {
        if (causes.has(id)) continue;
        // What escapes in an instruction is first seen before the next one.
        causes.set(id, index === 0 ? null : instructionAt(frame.cfg, block, index - 1));
      }
    },
    reasonOf: (id) => causeText(causes.get(id) ?? null),
  };
}

function causeText(cause: Instruction | null): string {
  if (cause === null) return 'from before';
  const line = `line ${cause.at.line}`;
  if (cause.op === 'store')
    return `stored in ${cause.text === '' ? 'memory' : cause.text}, ${line}`;
  if (cause.op !== 'call') return line;
  const { callee } = cause;
  const name = callee.kind === 'value' ? 'code that is not modeled' : `${callee.name}()`;
  return `given to ${name}, ${line}`;
}
