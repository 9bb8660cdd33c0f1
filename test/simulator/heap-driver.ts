// One suite, two heaps: whatever plays an op script and reports what a caller can see. Implemented by the
// simulator and by a real process.
import type { StartState, Layout } from '../../simulator/start-state.ts';
import type { Target } from '../../simulator/target.ts';
import type { WIRINGS } from '../../simulator/versions.ts';

export type Mode = keyof typeof WIRINGS;

export interface Setup {
  /** 3.11 by default. */
  readonly python?: Target['python'];
  readonly state: StartState;
  readonly mode: Mode;
}

export interface Observed {
  /** [index of the op, canonical text] for each op that yields a value. */
  readonly values: readonly (readonly [number, string])[];
  readonly end: 'exit' | 'abort' | 'segv' | 'unknown' | 'hang';
  /** One UTF-16 unit per byte. */
  readonly stderr: string;
  /** Index of the op at which it ended; the number of ops when all were done. */
  readonly lastOp: number;
}

export interface HeapDriver {
  readonly name: string;
  /** Each script meets the same heap. */
  run(setup: Setup, scripts: readonly (readonly string[])[]): readonly Observed[];
}

/** A recorded process: what the simulator needs to meet the same addresses. */
export interface Recorded extends Observed {
  readonly layout: Layout;
}

/** What of an outcome two processes share: the thread's name in a fatal report is not. */
export function comparable({ values, end, stderr, lastOp }: Observed): Observed {
  return { values, end, stderr: stderr.replace(/thread 0x[0-9a-f]+/, 'thread #'), lastOp };
}
