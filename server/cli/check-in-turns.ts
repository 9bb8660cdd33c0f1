// A check that gives way to the event loop after each file and function: the native parser's syntax trees
// lie outside of JavaScript's heap, and Node frees them only between two turns of the loop.
import { setImmediate } from 'node:timers/promises';
import type { CheckMemory } from '../check-memory.ts';
import { checkInSteps, type CheckResult, type Progress, type SourceFile } from '../check.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';

export async function checkInTurns(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  tell: (progress: Progress) => void = () => undefined,
  memory: CheckMemory | null = null,
): Promise<CheckResult> {
  const steps = checkInSteps(files, parser, settings, memory);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    tell(step.value);
    // oxlint-disable-next-line no-await-in-loop -- to wait is what it is for
    await setImmediate();
  }
}
