// How a replay ended, in one word and one line: computed from what was observed, never from the rule that
// flagged the path.
import type { Misuse } from './misuse.ts';
import type { Ending, Fault, Frame, Outcome, Verdict } from './timeline.ts';
import {
  extentOf,
  isLive,
  isPlaced,
  meet,
  overlapsOf,
  type TrackedBlock,
} from './tracked-block.ts';
import { bytesText } from './step-text.ts';
import { isHooked, type World } from './world.ts';

/** What was seen while the frames were made. */
export interface Observed {
  readonly frames: readonly Frame[];
  /** The world after each frame. */
  readonly worlds: readonly World[];
  /** By frame index: what was wrong with the step by the rules of the C API. */
  readonly misuses: ReadonlyMap<number, readonly Misuse[]>;
  /** Frame of the step that the linter flagged; past the last one when the process did not get there. */
  readonly flagged: number;
  /** What happened in the last frame. */
  readonly ending: Ending;
}

const WORDS: Readonly<Record<Verdict, string>> = {
  crash: 'Crash',
  'crash-later': 'Crash later',
  overlap: 'Overlap',
  silent: 'Silent',
  leak: 'Leak',
  clean: 'Clean',
};

/** The verdict in a word or two; a process that spins has not crashed. */
export function verdictWord({ verdict, ending }: Outcome): string {
  if (ending === 'hung') return verdict === 'crash' ? 'Hang' : 'Hang later';
  return ending === 'unknown' && verdict === 'silent' ? 'Undetermined' : WORDS[verdict];
}

export function outcomeOf(observed: Observed): Outcome {
  const { frames, worlds, misuses, flagged, ending } = observed;
  const last = frames.length - 1;
  const overlap = firstOverlap(worlds);
  const overlaps = overlap === null ? [] : pairsOf(worlds[worlds.length - 1]);
  const death = frames.findIndex((frame) => frame.fault !== null);
  const fault = frames[death]?.fault ?? null;
  if (fault !== null) {
    const verdict = death <= flagged ? 'crash' : 'crash-later';
    const shared =
      overlap === null ? '' : ` Before that, ${overlap.pair.join(' and ')} share bytes.`;
    const summary =
      deathText(whenText('Dies', { at: death, flagged, frame: frames[death] }), fault) + shared;
    return { verdict, ending, frame: death, fault, overlaps, summary };
  }
  if (ending === 'hung') {
    const verdict = last <= flagged ? 'crash' : 'crash-later';
    const when = whenText('Hangs', { at: last, flagged, frame: frames[last] });
    const summary = `${when} in an endless loop: a corrupt list leads back into itself.`;
    return { verdict, ending, frame: last, fault, overlaps, summary };
  }
  if (overlap !== null) {
    const summary = `Nothing dies, but two live blocks share bytes: ${overlap.pair.join(' and ')}.`;
    return { verdict: 'overlap', ending, frame: overlap.frame, fault, overlaps, summary };
  }
  if (ending === 'unknown') {
    const when = whenText('Cannot be told', { at: last, flagged, frame: frames[last] });
    const summary = `${when.replace(/,$/, '')}: what happens depends on memory that is not modelled.`;
    return { verdict: 'silent', ending, frame: last, fault, overlaps, summary };
  }
  const wrong = [...misuses.keys()].toSorted((left, right) => left - right)[0];
  if (wrong !== undefined) {
    const summary =
      'Nothing notices on this build: the process goes on, and the mistake stays in the code.';
    return { verdict: 'silent', ending, frame: wrong, fault, overlaps, summary };
  }
  const leak = firstLeak(worlds);
  if (leak !== null) {
    const summary = leak.lost.map(leakText).join(' ');
    return { verdict: 'leak', ending, frame: leak.frame, fault, overlaps, summary };
  }
  return { verdict: 'clean', ending, frame: last, fault, overlaps, summary: 'Nothing goes wrong.' };
}

/** The blocks that are lost at the end, and the frame in which the first of them was. */
function firstLeak(
  worlds: readonly World[],
): { readonly frame: number; readonly lost: readonly TrackedBlock[] } | null {
  const lost = lostIn(worlds[worlds.length - 1]);
  if (lost.length === 0) return null;
  const ids = new Set(lost.map(({ id }) => id));
  return { frame: worlds.findIndex((world) => lostIn(world).some(({ id }) => ids.has(id))), lost };
}

function lostIn(world: World | undefined): readonly TrackedBlock[] {
  return (world?.blocks ?? []).filter(({ lifecycle }) => lifecycle.kind === 'lost');
}

function leakText(block: TrackedBlock): string {
  const what = isPlaced(block)
    ? `${bytesText(block.size)} of ${block.api}`
    : `what ${block.api} made`;
  return `${block.letter} (${block.id}) leaks: no pointer to it is left, and ${what} can never be released.`;
}

/** The pairs at the end of the replay; those that were seen earlier and are gone do not count. */
function pairsOf(world: World | undefined): Outcome['overlaps'] {
  if (world === undefined) return [];
  return overlapsOf(world.blocks, isHooked(world)).map(([left, right]) => [left.id, right.id]);
}

function firstOverlap(
  worlds: readonly World[],
): { readonly frame: number; readonly pair: readonly string[] } | null {
  let known = 0;
  for (const [frame, world] of worlds.entries()) {
    // Only a new block can share bytes with another one.
    const added = world.blocks.slice(known);
    known = world.blocks.length;
    if (!added.some((block) => sharesBytes(block, world))) continue;
    const pair = overlapsOf(world.blocks, isHooked(world))[0];
    if (pair !== undefined) return { frame, pair: pair.map((block) => block.letter) };
  }
  return null;
}

/** Whether another live block has bytes of this one. */
function sharesBytes(block: TrackedBlock, world: World): boolean {
  if (!isLive(block)) return false;
  const hooked = isHooked(world);
  const extent = extentOf(block, hooked);
  return world.blocks.some(
    (other) => other !== block && isLive(other) && meet(extent, extentOf(other, hooked)),
  );
}

function deathText(when: string, fault: Fault): string {
  return `${when} with ${fault.signal}${lastWords(fault)}.`;
}

function whenText(
  verb: string,
  { at, flagged, frame }: { at: number; flagged: number; frame: Frame | undefined },
): string {
  if (at === flagged) return `${verb} at the flagged step`;
  const action = frame?.title.replace(
    /: the (?:process|outcome) (?:dies \(\w+\)|hangs|is undetermined)$/,
    '',
  );
  return `${verb} ${at < flagged ? 'before the flagged step' : 'later'}, at “${action ?? ''}”,`;
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
