// What the allocators' own structures show to be broken, and since when: the difference between a moment
// and the one before it, as sentences.
import { hex } from './memory.ts';
import type { World } from './world.ts';

/** What is corrupt after a step and was not before. */
export function damageNotes(before: World, after: World): readonly string[] {
  const known = new Set(damageOf(before));
  return damageOf(after).filter((sentence) => !known.has(sentence));
}

function damageOf({ process }: World): readonly string[] {
  return [
    ...process
      .pools()
      .flatMap(({ address, corrupt }) =>
        corrupt === null ? [] : [`The pool at ${hex(address)} is corrupt: ${corrupt}.`],
      ),
    ...process
      .freeLists()
      .flatMap(({ name, corrupt }) =>
        corrupt === null ? [] : [`The ${name} is corrupt: ${corrupt}.`],
      ),
    ...process
      .chunks()
      .flatMap(({ address, corrupt }) =>
        corrupt === null ? [] : [`The chunk at ${hex(address)} is corrupt: ${corrupt}.`],
      ),
  ];
}
