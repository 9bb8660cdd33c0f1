// What comes of it when the process goes on: innocent allocations and releases of the block's size, one round
// after the other, until a mistake that nobody noticed shows, or for so many actions.
import { actionOf, type Deed, deedsOf } from './aftermath.ts';
import { lastWords } from './outcome.ts';
import { Recorder } from './recorder.ts';
import type { PathRun } from './run-path.ts';
import type { Fault, GoingOn } from './timeline.ts';
import { overlapsOf, type TrackedBlock } from './tracked-block.ts';
import { isHooked, type World } from './world.ts';

/** Rounds after which it is told that nothing shows. */
const ROUNDS = 20;

/** null: there is nothing to wait for, since the process has died, or since all was in order. */
export function goingOn({ subject, recorder, outcome }: PathRun): GoingOn | null {
  if (subject === null || !recorder.alive) return null;
  const start = { ...recorder.world, process: recorder.world.process.clone() };
  // Blocks that shared bytes before are no news: then it is the death that is waited for.
  const wasShared = outcome.verdict === 'overlap';
  const later = new Recorder(start, 'outcome');
  let actions = 0;
  let at = '';
  for (const deed of rounds(subject, isHooked(start))) {
    const action = actionOf(deed);
    actions++;
    later.run({ kind: 'aftermath', step: null }, action.title, (world) => action.run(world));
    at = action.title;
    const when = `After ${countText(actions)}, at “${at}”,`;
    const fault = later.frames.at(-1)?.fault ?? null;
    if (!later.alive)
      return { actions, shows: 'death', fault, at, text: `${when} ${endText(fault, later)}` };
    if (!wasShared && isShared(later.world))
      return { actions, shows: 'overlap', fault, at, text: `${when} two live blocks share bytes.` };
  }
  const text = `${countText(actions)} show nothing.`;
  return { actions, shows: 'nothing', fault: null, at, text };
}

function countText(actions: number): string {
  return `${actions} more innocent ${actions === 1 ? 'action' : 'actions'}`;
}

function endText(fault: Fault | null, { ending }: Recorder): string {
  if (fault !== null) return `the process dies with ${fault.signal}${lastWords(fault)}.`;
  return ending === 'hung' ? 'the process hangs.' : 'the outcome is undetermined.';
}

/** Each round keeps half of what it allocates, so that free lists run dry and fill again. */
function* rounds(subject: TrackedBlock, hooked: boolean): Generator<Deed> {
  for (let round = 1; round <= ROUNDS; round++)
    for (const [index, deed] of deedsOf(subject, [], hooked).entries()) {
      if (deed.kind === 'give up') continue;
      if (deed.kind === 'release' && index % 2 === round % 2) continue;
      yield { ...deed, id: `${deed.id}, round ${round}` };
    }
}

function isShared(world: World): boolean {
  return overlapsOf(world.blocks, isHooked(world)).length > 0;
}
