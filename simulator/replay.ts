// replay(path, target): runs a flagged path on a simulated process, then a short aftermath, and keeps the
// world after every frame so that any of them can be viewed in any order. Worlds share their pages.
import { aftermathText } from './aftermath.ts';
import { assumptionsOf } from './assumptions.ts';
import type { FlaggedPath } from './flagged-path.ts';
import { footprintOf } from './footprint.ts';
import { goingOn } from './going-on.ts';
import { viewOf } from './heap-view.ts';
import { readFlaggedPath } from './read-path.ts';
import { runPath } from './run-path.ts';
import { MODEL, type Target, targetName } from './target.ts';
import type { Timeline } from './timeline.ts';
import type { World } from './world.ts';

/** Throws an Error with one sentence when the value is not a flagged path; never otherwise. */
export function replay(value: FlaggedPath, target: Target): Timeline {
  const path = readFlaggedPath(value);
  const run = runPath(path, target, {
    keeping: 'every frame',
    before: 'usual',
  });
  const { recorder, outcome, subject } = run;
  const { frames, worlds } = recorder;
  const worldAt = (index: number): World => {
    const world = worlds[index];
    if (world === undefined)
      throw new RangeError(`frame ${index} is outside the timeline (0 to ${frames.length - 1})`);
    return world;
  };
  return {
    target,
    model: `simulated: ${targetName(target)} (model ${MODEL})`,
    path,
    frames,
    outcome,
    assumptions: [
      ...assumptionsOf(path, worlds[0]),
      ...(subject === null ? [] : [aftermathText(subject)]),
    ],
    goingOn: () => goingOn(run),
    footprints: () => worlds.map((world) => footprintOf(world)),
    view: (index) => {
      const world = worldAt(index);
      return viewOf({ frame: index, world, before: worlds[index - 1] ?? world });
    },
    peek: (index, address, length) => worldAt(index).process.memory.peekBytes(address, length),
  };
}
