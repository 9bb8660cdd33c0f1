// A step of a flagged path in words: the call as it was written and the one line that names the step in a
// list. Knows nothing of what the step did to the heap.
import type { Size, Step } from './flagged-path.ts';

/** `sizeof(Point) (24)`, `24`, `24 (chosen)`. */
export function sizeText(size: Size): string {
  const bytes = String(size.bytes);
  if (size.source !== null && size.source !== bytes)
    return `${size.source} = ${bytes}${size.chosen ? ', chosen' : ''}`;
  return size.chosen ? `${bytes}, chosen` : bytes;
}

export function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/** The step without its effect: `buf = PyMem_Malloc(24)`. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case 'enter':
      return `enter ${step.function}`;
    case 'leave':
      return `leave ${step.function}`;
    case 'branch':
      return `${step.condition} is ${step.taken ? 'true' : 'false'}`;
    case 'alloc':
      return `${step.pointer} = ${step.api}(${sizeText(step.size)})`;
    case 'place':
      return `${step.pointer} is ${regionText(step.region)}`;
    case 'realloc':
      return `${step.pointer} = ${step.api}(${step.block}, ${sizeText(step.size)})`;
    case 'free':
      return `${step.api}(${step.pointer})`;
    case 'read':
      return `read ${bytesText(step.size.bytes)} at ${placeText(step.pointer, step.offset.bytes)}`;
    case 'write':
      return `write ${bytesText(step.size.bytes)} at ${placeText(step.pointer, step.offset.bytes)}`;
    case 'assign':
      return `${step.place} now holds ${step.block}`;
    case 'escape':
      return `${step.block} escapes to ${step.place}`;
    case 'return':
      return `return ${step.place}`;
    case 'drop':
      return step.place === ''
        ? `nobody keeps ${step.block}`
        : `${step.place} no longer holds ${step.block}`;
    case 'thread-state':
      return step.attached ? 'the thread state is attached' : 'the thread state is detached';
  }
}

/** What kind of memory it is, after "is". */
export function regionText(region: 'stack' | 'static'): string {
  return region === 'stack' ? 'memory of the stack' : 'static memory';
}

export function placeText(pointer: string, offset: number): string {
  if (offset === 0) return pointer;
  return offset < 0 ? `${pointer} - ${-offset}` : `${pointer} + ${offset}`;
}
