// Work that gives way to the event loop after each step: the native parser's syntax trees lie outside of
// JavaScript's heap, and Node frees them only between two turns of the loop; and messages are heard.
import { setImmediate } from 'node:timers/promises';

/** Goes through all steps. `tell`: called at each, before it gives way. */
export async function inTurns<S, T>(
  steps: Generator<S, T>,
  tell: (step: S) => void = () => undefined,
): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    tell(step.value);
    // oxlint-disable-next-line no-await-in-loop -- to wait is what it is for
    await setImmediate();
  }
}
