// The calling thread's state, through which an interpreter's own structures are found. A release build does not
// ask whether there is one: it reads a field of it. Follows CPython 3.12 Include/internal/pycore_pystate.h,
// _PyInterpreterState_GET; which functions do so in which version was measured on 3.8 to 3.13.
import type { Domain } from './domain.ts';
import { ProcessDeath } from './fault.ts';
import type { Journal } from './journal.ts';
import { hex } from './word.ts';

export interface ThreadState {
  /** Whether the thread has an attached thread state (holds the GIL). */
  isAttached: boolean;
}

/** offsetof(PyThreadState, interp), in bytes. */
const INTERP = 16;

/** `what`: what is looked for. SIGSEGV where the thread state is null. */
export function readInterpreter(thread: ThreadState, journal: Journal, what: string): void {
  if (thread.isAttached) return;
  throw new ProcessDeath(
    'SIGSEGV',
    journal.stderr,
    `${what} belongs to the interpreter of the attached thread state; there is none, and a read at ${hex(INTERP)} hits no mapped page`,
    INTERP,
  );
}

/** A domain whose state belongs to the interpreter. Releasing NULL does not look for it. */
export function interpreterDomain(inner: Domain, thread: ThreadState, journal: Journal): Domain {
  const read = (): void => readInterpreter(thread, journal, 'what pymalloc knows of its pools');
  return {
    malloc: (bytes) => {
      read();
      return inner.malloc(bytes);
    },
    calloc: (count, size) => {
      read();
      return inner.calloc(count, size);
    },
    realloc: (pointer, bytes) => {
      read();
      return inner.realloc(pointer, bytes);
    },
    free: (pointer) => {
      if (pointer === 0) return;
      read();
      inner.free(pointer);
    },
  };
}
