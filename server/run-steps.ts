// Work that stops at each step, for whoever has to do something else in between: here nobody has.

/** Goes through all steps at once. */
export function runSteps<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
