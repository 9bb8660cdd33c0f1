// Cells as C would write them: `p`, `self->data`, `*out`. What is reached through a value that has no name
// in the source is written as the local that holds it, else as the value's place of birth.
import { sourceName } from '../cfg/scope.ts';
import type { Cfg } from '../cfg/instruction.ts';
import type { Frame } from '../flow/frame.ts';
import type { State } from '../flow/state.ts';
import type { AccessPath, CellKey, Id, PathStep } from '../flow/value.ts';

export function cellText(frame: Frame, state: State, cell: CellKey): string {
  const { path } = frame.factsOf(cell);
  if (path !== null) return pathText(path, parameterNames(frame.cfg));
  const [, id, members = ''] = /^\*(.*~|\?\(.*\)(?:@[^;]*;)?)((?:\.[^.]+)*)$/.exec(cell) ?? [];
  if (id === undefined) return sourceName(cell);
  const holder = holderOf(state, id);
  if (holder === null) return members === '' ? '*(…)' : `(…)->${members.slice(1)}`;
  return members === '' ? `*${holder}` : `${holder}->${members.slice(1)}`;
}

export function parameterNames({ parameters }: Cfg): readonly string[] {
  return parameters.map(({ local }) => sourceName(local));
}

/** An argument without a name is written by its position, `p0`. */
export function pathText({ root, steps }: AccessPath, names: readonly string[]): string {
  const name = root.kind === 'global' ? root.name : names[root.index] || `p${root.index}`;
  return steps.reduce((text, step, i) => withStep(text, step, steps[i - 1]), name);
}

function withStep(text: string, step: PathStep, before: PathStep | undefined): string {
  if (step.kind === 'dereference') return `*${text}`;
  if (step.name.startsWith('[')) return `${text}${step.name}`;
  return before?.kind === 'dereference' ? `${text.slice(1)}->${step.name}` : `${text}.${step.name}`;
}

/** A local that holds the value; null: none does. */
function holderOf(state: State, id: Id): string | null {
  for (const [cell, value] of state.cells) {
    if (/^[A-Za-z_]/.test(cell) && value.kind === 'ref' && value.id === id && !value.interior)
      return sourceName(cell).replace(/^g:/, '');
  }
  return null;
}
