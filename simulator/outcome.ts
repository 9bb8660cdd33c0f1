// How a replay ended, in one word and one line: computed from what was observed, never from the rule that
// flagged the path.
import type { Fault, Frame, Outcome } from './timeline.ts';
import { overlapsOf } from './tracked-block.ts';
import { isHooked, type World } from './world.ts';

/** What was seen while the frames were made. */
export interface Observed {
  readonly frames: readonly Frame[];
  /** The world after each frame. */
  readonly worlds: readonly World[];
  /** Sentences by frame index: what was wrong with the step by the rules of the C API. */
  readonly misuses: ReadonlyMap<number, readonly string[]>;
  /** Frame of the step that the linter flagged; past the last one when the process did not get there. */
  readonly flagged: number;
  /** The last frame never returns. */
  readonly hung: boolean;
}

export function outcomeOf(observed: Observed): Outcome {
  const { frames, worlds, misuses, flagged } = observed;
  const overlap = firstOverlap(worlds);
  const overlaps = overlap === null ? [] : pairsOf(worlds[worlds.length - 1]);
  const death = frames.findIndex((frame) => frame.fault !== null);
  const fault = frames[death]?.fault ?? null;
  if (fault !== null) {
    const verdict = death <= flagged ? 'crash' : 'crash-later';
    const shared =
      overlap === null ? '' : ` Before that, ${overlap.pair.join(' and ')} share bytes.`;
    const summary = deathText(whenText(death, flagged, frames[death]), fault) + shared;
    return { verdict, frame: death, fault, overlaps, summary };
  }
  if (observed.hung) {
    const frame = frames.length - 1;
    const verdict = frame <= flagged ? 'crash' : 'crash-later';
    const summary = 'The process never returns: a corrupt list leads back into itself.';
    return { verdict, frame, fault, overlaps, summary };
  }
  if (overlap !== null) {
    const summary = `Nothing dies, but two live blocks share bytes: ${overlap.pair.join(' and ')}.`;
    return { verdict: 'overlap', frame: overlap.frame, fault, overlaps, summary };
  }
  const wrong = [...misuses.keys()].toSorted((left, right) => left - right)[0];
  if (wrong !== undefined) {
    const summary =
      'Nothing notices on this build: the process goes on, and the mistake stays in the code.';
    return { verdict: 'silent', frame: wrong, fault, overlaps, summary };
  }
  const last = frames.length - 1;
  return { verdict: 'clean', frame: last, fault, overlaps, summary: 'Nothing goes wrong.' };
}

/** The pairs at the end of the replay; those that were seen earlier and are gone do not count. */
function pairsOf(world: World | undefined): Outcome['overlaps'] {
  if (world === undefined) return [];
  return overlapsOf(world.blocks, isHooked(world)).map(([left, right]) => [left.id, right.id]);
}

function firstOverlap(
  worlds: readonly World[],
): { readonly frame: number; readonly pair: readonly string[] } | null {
  for (const [frame, world] of worlds.entries()) {
    const pair = overlapsOf(world.blocks, isHooked(world))[0];
    if (pair !== undefined) return { frame, pair: pair.map((block) => block.letter) };
  }
  return null;
}

function deathText(when: string, fault: Fault): string {
  return `${when} with ${fault.signal}${lastWords(fault)}.`;
}

function whenText(death: number, flagged: number, frame: Frame | undefined): string {
  if (death === flagged) return 'Dies at the flagged step';
  const action = frame?.title.replace(/: the process dies \(\w+\)$/, '') ?? '';
  return `Dies ${death < flagged ? 'before the flagged step' : 'later'}, at “${action}”,`;
}

/** The line of standard error that people search for; bytes outside ASCII as escapes. */
export function lastWords(fault: Fault): string {
  const lines = fault.text.split('\n').filter((line) => line !== '');
  const line = lines.find((each) => each.startsWith('Fatal ')) ?? lines[0];
  if (line === undefined) return ' and prints nothing';
  const shown = Array.from(line, (character) => {
    const code = character.charCodeAt(0);
    return code >= 0x20 && code < 0x7f ? character : `\\x${code.toString(16).padStart(2, '0')}`;
  });
  return `: ${shown.join('')}`;
}
