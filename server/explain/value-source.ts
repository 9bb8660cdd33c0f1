// Why a value without an origin is not known: the names that the exploration gives to such values tell
// at which instruction they came up.
import type { Cfg, Instruction } from '../cfg/instruction.ts';
import { apiRow } from '../knowledge/row.ts';
import type { Frame } from '../flow/frame.ts';
import type { State } from '../flow/state.ts';
import type { Id } from '../flow/value.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import { cellText } from './place-text.ts';

export interface ValueSource {
  /** `the result of get_buffer() (whose definition is not among the files)`. */
  readonly text: string;
  readonly at: Span | null;
}

/** What is known of the functions of the program: null when a name says all there is to say. */
export type CalleeNote = (name: string) => string | null;

export function sourceOf(
  id: Id,
  frame: Frame,
  state: State,
  noteOf: CalleeNote,
): ValueSource | null {
  const { cfg } = frame;
  const made = /^(call|out\d+-|load|value)(\d+)\.(\d+)(.*)~$/s.exec(id);
  if (made !== null) {
    const [, kind = '', block, index, rest = ''] = made;
    const at = instructionAt(cfg, Number(block), Number(index));
    if (at === null) return null;
    if (kind === 'call') return { text: `the result of ${calleeText(at, noteOf)}`, at: at.at };
    if (kind.startsWith('out')) return { text: `what ${calleeText(at, noteOf)} wrote`, at: at.at };
    if (kind === 'value') return { text: 'an expression that is not modeled', at: at.at };
    const cell = /^\((.*)\)$/s.exec(rest)?.[1];
    const text =
      cell === undefined
        ? 'memory that is not followed, such as an element at an index that is no constant'
        : `${cellText(frame, state, cell)}, in which paths that meet left different things, or which was never set`;
    return { text, at: at.at };
  }
  const read = /^\?\((.*)\)(?:@(\d+)\.(\d+)[^;]*;)?$/s.exec(id);
  if (read === null) return null;
  const [, cell = '', block, index] = read;
  const place = cellText(frame, state, cell);
  if (block === undefined) return { text: `what was in ${place} before`, at: null };
  const at = instructionAt(cfg, Number(block), Number(index));
  if (at === null) return { text: place, at: null };
  const changer = at.op === 'call' ? `the call of ${calleeText(at, noteOf)}` : 'an assignment';
  return { text: `${place}, which ${changer} may have changed`, at: at.at };
}

export function instructionAt(cfg: Cfg, block: number, index: number): Instruction | null {
  return cfg.blocks[block]?.instructions[index] ?? null;
}

/** `f()`, and why what it does is not known, as far as that can be told. */
function calleeText(instruction: Instruction, noteOf: CalleeNote): string {
  if (instruction.op !== 'call') return 'this statement';
  const { callee, through } = instruction;
  const outer = through[0] === undefined ? '' : ` (by the macro ${through[0]})`;
  if (callee.kind === 'member') return `${callee.name}(), called through a pointer${outer}`;
  if (callee.kind === 'value')
    return `a call through a pointer, or code that is not modeled${outer}`;
  const note = noteOf(callee.name) ?? (apiRow(callee.name) === undefined ? OUT_OF_VIEW : null);
  return `${callee.name}()${outer}${note === null ? '' : ` (${note})`}`;
}

const OUT_OF_VIEW = 'whose definition is not among the files';
