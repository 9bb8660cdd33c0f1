// Work that stops at each step, for whoever has to do something else in between: here nobody has.

/** Goes through all steps at once; `tell` hears of each. */
export function runSteps<Step, T>(
  steps: Generator<Step, T>,
  tell: (step: Step) => void = () => undefined,
): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    tell(step.value);
  }
}
