// A tp_dealloc that ends without giving the object's memory back: whatever it releases of what the object
// holds, the object itself is lost.
import { argumentPath, type Outcome, type Summary, type SummaryValue } from './summary.ts';
import { pathKey } from './value.ts';

const SELF = pathKey(argumentPath(0));

/** Whatever way the function goes, it neither releases its first argument nor hands it to anybody. */
export function keepsInstance({ outcomes }: Summary): boolean {
  return outcomes.length > 0 && outcomes.every((outcome) => !handsOnSelf(outcome));
}

function handsOnSelf({ steps, assigns, escapes, returns }: Outcome): boolean {
  return (
    steps.some((step) => step.kind !== 'alloc' && pathKey(step.path) === SELF) ||
    escapes.some((path) => pathKey(path) === SELF) ||
    assigns.some(({ value }) => isSelf(value)) ||
    isSelf(returns)
  );
}

function isSelf(value: SummaryValue): boolean {
  return value.kind === 'path' && pathKey(value.path) === SELF;
}
