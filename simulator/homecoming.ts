// Whether a block that was released is free where it came from. A release by a function of another family
// may end in the block's own allocator all the same; then only the code is wrong.
import type { Process, Server } from './process.ts';

/** After the release: the allocator that handed the block out has it back, whole. `server` is from before. */
export function isHome(
  process: Process,
  server: Server,
  { isResized }: { readonly isResized: boolean },
): boolean {
  const { allocator, block } = server;
  // A resize that no check refused leaves the block in place, or moves it and releases it there.
  if (isResized) return allocator !== 'none';
  switch (allocator) {
    case 'none':
      return false;
    case 'mmap':
      return !process.memory.isMapped(block);
    case 'pymalloc': {
      if (!process.memory.isMapped(block)) return true;
      const pool = process
        .pools()
        .find((each) => each.blocks.some(({ address }) => address === block));
      return pool === undefined || pool.count === 0 || pool.freeList.includes(block);
    }
    case 'ptmalloc': {
      const chunk = process
        .chunks()
        .find((each) => each.address <= block && block < each.address + each.size);
      return chunk === undefined || chunk.kind !== 'used';
    }
  }
}
