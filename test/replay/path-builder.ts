// Flagged paths for tests, from the few facts that matter to a replay.
import type { FlaggedPath, Size, Span, Step } from '../../simulator/flagged-path.ts';

const AT: Span = { file: 'src/test.c', line: 10, column: 5, endLine: 10, endColumn: 20 };
const BASE = { at: AT, text: 'code;' };

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

/** A function and the family its knowledge row has. */
export interface Call {
  readonly api: string;
  readonly family: StepOf<'alloc'>['family'];
}

export const MALLOC: Call = { api: 'malloc', family: 'libc' };
export const FREE: Call = { api: 'free', family: 'libc' };
export const MEM: Call = { api: 'PyMem_Malloc', family: 'py-mem' };
export const MEM_FREE: Call = { api: 'PyMem_Free', family: 'py-mem' };
export const MEM_REALLOC: Call = { api: 'PyMem_Realloc', family: 'py-mem' };
export const OBJECT_FREE: Call = { api: 'PyObject_Free', family: 'py-object' };
export const GC_NEW: Call = { api: 'PyObject_GC_New', family: 'py-gc-object' };

export function bytes(count: number): Size {
  return { bytes: count, source: String(count), chosen: false };
}

export function alloc(block: string, call: Call, size: number): StepOf<'alloc'> {
  const fixed = { zeroed: false, outcome: 'ok' } as const;
  return { ...BASE, ...fixed, ...call, kind: 'alloc', block, pointer: block, size: bytes(size) };
}

export function failedAlloc(block: string, call: Call, size: number): Step {
  return { ...alloc(block, call, size), outcome: 'null' };
}

export function realloc(block: string, call: Call, size: number): StepOf<'realloc'> {
  const into = `${block}'`;
  const sized = { size: bytes(size), outcome: 'ok' } as const;
  return { ...BASE, ...call, ...sized, kind: 'realloc', block, into, pointer: into };
}

export function failedRealloc(block: string, call: Call, size: number): Step {
  return { ...realloc(block, call, size), into: block, outcome: 'null' };
}

export function free(block: string, call: Call, offset = 0): Step {
  return { ...BASE, ...call, kind: 'free', block, pointer: block, offset };
}

export function access(
  kind: 'read' | 'write',
  block: string,
  range: { readonly offset: number; readonly size: number },
): StepOf<'read' | 'write'> {
  const where = { offset: bytes(range.offset), size: bytes(range.size) };
  return { ...BASE, ...where, kind, block, pointer: block };
}

export function holder(
  kind: 'assign' | 'escape' | 'return' | 'drop',
  block: string,
  place: string,
): Step {
  return { ...BASE, kind, block, place };
}

export function threadState(attached: boolean): Step {
  return { ...BASE, kind: 'thread-state', attached };
}

/** The last step is the flagged one. */
export function pathOf(...steps: readonly Step[]): FlaggedPath {
  return { version: 1, rule: 'mismatched-free', steps, fault: steps.length - 1 };
}
