// What the allocators' own structures show to be broken, and since when: the difference between a moment
// and the one before it, as sentences.
import { hex } from './word.ts';
import { structuresOf } from './structures.ts';
import type { World } from './world.ts';

/** What is corrupt after a step and was not before. */
export function damageNotes(before: World, after: World): readonly string[] {
  const known = new Set(damageOf(before));
  return damageOf(after).filter((sentence) => !known.has(sentence));
}

function damageOf(world: World): readonly string[] {
  const { pools, freeLists, chunks } = structuresOf(world);
  return [
    ...pools.flatMap(({ address, corrupt }) =>
      corrupt === null ? [] : [`The pool at ${hex(address)} is corrupt: ${corrupt}.`],
    ),
    ...freeLists.flatMap(({ name, corrupt }) =>
      corrupt === null ? [] : [`The ${name} is corrupt: ${corrupt}.`],
    ),
    ...chunks.flatMap(({ address, corrupt }) =>
      corrupt === null ? [] : [`The chunk at ${hex(address)} is corrupt: ${corrupt}.`],
    ),
  ];
}
