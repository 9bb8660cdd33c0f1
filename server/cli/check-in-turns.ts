// A check in this thread that gives way to the event loop after each file and function.
import type { CheckMemory } from '../check-memory.ts';
import { checkInSteps, type CheckResult, type Progress, type SourceFile } from '../check.ts';
import { inTurns } from '../in-turns.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';

export function checkInTurns(
  files: readonly SourceFile[],
  parser: Parser,
  settings: Settings,
  tell: (progress: Progress) => void = () => undefined,
  memory: CheckMemory | null = null,
): Promise<CheckResult> {
  return inTurns(checkInSteps(files, parser, settings, memory), tell);
}
