// How far a long check has come, on one line of a terminal that is written over; nothing where no person
// looks, and nothing of a check that is over at once.
import type { Progress } from '../check.ts';
import { count } from './formats/full.ts';
import type { Output } from './terminal.ts';

const FIRST_MS = 1000;
const EVERY_MS = 100;
/** Carriage return, then erase to the end of the line. */
const CLEAR = '\r\u001B[K';

export interface ProgressLine {
  readonly tell: (progress: Progress) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

export function progressLine(
  output: Output,
  now: () => number = () => performance.now(),
): ProgressLine {
  if (!output.isTty) return { tell: () => undefined, clear: () => undefined };
  let due = now() + FIRST_MS;
  let isShown = false;
  return {
    tell(progress) {
      const time = now();
      if (time < due) return;
      due = time + EVERY_MS;
      isShown = true;
      output.write(CLEAR + progressText(progress));
    },
    clear() {
      if (isShown) output.write(CLEAR);
    },
  };
}

function progressText({ phase, done, of }: Progress): string {
  switch (phase) {
    case 'parse':
      return `Parsing ${count(of, 'file')}: ${done}`;
    case 'explore':
      return `Following the paths of at most ${count(of, 'function')}: ${done}`;
  }
}
