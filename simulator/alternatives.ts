// Deaths that depend on what the model cannot know of a real process: the other way such a process may end.
import type { ProcessDeath } from './fault.ts';
import { hex } from './memory.ts';
import { isHooked, type World } from './world.ts';

/** Secondary arenas lie at multiples of this; glibc finds them by rounding a chunk's address down. */
const HEAP_MAX_SIZE = 64 * 1024 * 1024;

/** Sentences; empty when every process of this kind ends alike. */
export function alternativesOf(death: ProcessDeath, world: World): readonly string[] {
  const given = world.handedOver;
  if (given === null) return [];
  if (death.signal === 'SIGSEGV' && death.address === roundedDown(given))
    return [
      `Where ${hex(death.address)} happens to be mapped, glibc goes on to its next check and aborts there; free() with "free(): invalid size".`,
    ];
  if (isHooked(world) && isMalloced(world, given) && death.text.startsWith('Debug memory block'))
    return [
      'The report takes the bytes before the block for its size: with other bytes there, it ends in a SIGSEGV while it is printed.',
    ];
  return [];
}

function roundedDown(address: number): number {
  return Math.floor(address / HEAP_MAX_SIZE) * HEAP_MAX_SIZE;
}

function isMalloced(world: World, address: number): boolean {
  return world.blocks.some((block) => block.address === address && block.heap === 'libc');
}
