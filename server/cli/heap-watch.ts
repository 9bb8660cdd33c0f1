// Keeps the heap of a thread near what it needs. V8 lets a heap grow to several times that before it collects.
import { setFlagsFromString, getHeapStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Garbage up to this part of what is in use is left to V8. */
const SLACK = 0.5;
/** In milliseconds. */
const INTERVAL = 100;

let isWatched = false;

/**
 * Looks at the heap between two turns of the event loop, as long as the thread has something else to do. `small`, in
 * bytes: less is not worth a collection.
 */
export function watchHeap(small: number): void {
  if (isWatched) return;
  isWatched = true;
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return;
  let limit = small;
  setInterval(() => {
    if (getHeapStatistics().used_heap_size < limit) return;
    collect();
    limit = Math.max(small, getHeapStatistics().used_heap_size * (1 + SLACK));
  }, INTERVAL).unref();
}
