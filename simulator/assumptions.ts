// What a replay takes for granted, a sentence each: the reader decides whether it fits the real process.
import type { FlaggedPath } from './flagged-path.ts';
import { freeThreadedText } from './free-threaded.ts';
import { sizeText } from './step-text.ts';
import type { World } from './world.ts';

export function assumptionsOf(path: FlaggedPath, start: World | undefined): readonly string[] {
  const freeThreaded = freeThreadedText(path);
  return [
    'The interpreter has a GIL and is initialized, every free block it held has been handed out, and one thread runs.',
    ...neighborText(start),
    ...chosenSizes(path),
    ...(freeThreaded === null ? [] : [freeThreaded]),
    'Where the path does not say what a block holds, the code fills it with text; new objects hold their header and zeros.',
  ];
}

function neighborText(start: World | undefined): readonly string[] {
  const letters = (start?.blocks ?? [])
    .filter((block) => block.owner === 'neighbor')
    .map((block) => block.letter);
  if (letters.length === 0) return [];
  return [
    `Earlier blocks of the same kind (${letters.join(', ')}) lie around the first allocation of each size and hold text.`,
  ];
}

function chosenSizes(path: FlaggedPath): readonly string[] {
  const chosen = path.steps.flatMap((step) =>
    'size' in step && step.size.chosen && 'api' in step
      ? [`${step.api}(${sizeText(step.size)})`]
      : [],
  );
  if (chosen.length === 0) return [];
  return [
    `The source does not fix these sizes; the replay chose them: ${[...new Set(chosen)].join('; ')}.`,
  ];
}
