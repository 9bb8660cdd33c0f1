// Deaths that depend on what the model cannot know of a real process: the other way such a process may end.
import type { ProcessDeath } from './fault.ts';
import { hex } from './word.ts';
import { heapForPtr } from './ptmalloc/arena.ts';
import { isHooked, type World } from './world.ts';

/** Another end of the same step, and what decides between the two. */
export interface Alternative {
  /** One sentence for the reader of the step. */
  readonly text: string;
  /** What the outcome hangs on, as the end of "depends on". */
  readonly on: string;
  readonly signal: 'SIGABRT' | 'SIGSEGV';
  /** The line that people search for. */
  readonly lastWords: string;
}

/** Empty when every process of this kind ends alike. */
export function alternativesOf(death: ProcessDeath, world: World): readonly Alternative[] {
  if (world.handedOver === null) return [];
  const { address: given, isResized } = world.handedOver;
  if (death.signal === 'SIGSEGV' && death.address === heapForPtr(given)) {
    const lastWords = isResized ? 'realloc(): invalid old size' : 'free(): invalid size';
    return [
      {
        text: `Where ${hex(death.address)} happens to be mapped, glibc goes on to its next check and aborts there with "${lastWords}".`,
        on: 'where the kernel put the heap (address randomization)',
        signal: 'SIGABRT',
        lastWords,
      },
    ];
  }
  if (isHooked(world) && isMalloced(world, given) && death.text.startsWith('Debug memory block'))
    return [
      {
        text: 'The report takes the bytes before the block for its size: with other bytes there, it ends in a SIGSEGV while it is printed.',
        on: 'the bytes before the block',
        signal: 'SIGSEGV',
        lastWords: death.text.split('\n')[0] ?? '',
      },
    ];
  return [];
}

function isMalloced(world: World, address: number): boolean {
  return world.blocks.some((block) => block.address === address && block.heap === 'libc');
}
