// A function that returns whether it has got a block, `return *to != NULL;`, ends in two ways: what its callers ask
// of the result is then what they know of the block.
import { assumeTruth } from './condition.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

/** The result with what is known where it is 1, and where it is 0; else as it is. */
export function settledResults(
  frame: Frame,
  state: State,
  value: Value | null,
): readonly { readonly state: State; readonly value: Value | null }[] {
  if (value === null || !asksForBlock(frame, state, value)) return [{ state, value }];
  return [1, 0].flatMap((truth) => {
    const next = state.clone();
    if (!assumeTruth(frame, next, value, truth === 1)) return [];
    return [{ state: next, value: { kind: 'int', value: truth } }];
  });
}

function asksForBlock(frame: Frame, state: State, value: Value): boolean {
  const origin = frame.originOf(value);
  const isBlock = (v: Value): boolean => v.kind === 'ref' && !v.interior && state.heap.has(v.id);
  switch (origin?.kind) {
    case 'negation':
      return isBlock(origin.operand) || asksForBlock(frame, state, origin.operand);
    case 'comparison':
      return (
        origin.operator === '==' &&
        [origin.left, origin.right].some(isBlock) &&
        [origin.left, origin.right].some((v) => v.kind === 'int' && v.value === 0)
      );
    default:
      return false;
  }
}
