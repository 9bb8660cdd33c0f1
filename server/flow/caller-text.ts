// What happens in a callee, in the words of its caller: places as the caller would write them.
import type { CallSite } from './call-site.ts';
import { withoutCasts } from './heap-call.ts';
import type { Outcome } from './summary.ts';
import type { AccessPath, Allocation } from './value.ts';

/** What a helper allocates, by the name that the caller has for it. */
export function seenFrom(
  call: CallSite,
  outcome: Outcome,
  index: number | null,
  allocation: Allocation,
): Allocation {
  const out = outcome.assigns.find(({ value }) => value.kind === 'fresh' && value.index === index);
  const isInMember = allocation.row.member !== null;
  const bound = out === undefined ? call.boundTo : holderText(out.path, call, isInMember);
  return {
    api: allocation.api,
    row: allocation.row,
    family: allocation.family,
    types: allocation.types,
    isDerivable: allocation.isDerivable,
    pointer: bound === null || bound === '' ? allocation.pointer : bound,
    size: allocation.size,
    zeroed: allocation.zeroed,
    at: allocation.at,
    calledAt: call.at,
    through: [call.name, ...allocation.through],
    isAssumed: allocation.isAssumed,
  };
}

/** isInMember: people know the struct, `view`, not its member. */
function holderText(path: AccessPath, call: CallSite, isInMember: boolean): string | null {
  if (!isInMember) return pathText(path, call);
  return pathText({ ...path, steps: path.steps.slice(0, -1) }, call)?.replace(/^\*/, '') ?? null;
}

/** A path as the caller would write it: `p`, `*out`, `b->data`; null: not from an argument. */
export function pathText(path: AccessPath, call: CallSite): string | null {
  if (path.root.kind === 'global') return path.root.name;
  const argument = call.arguments[path.root.index]?.text;
  if (argument === undefined) return null;
  let text = withoutCasts(argument);
  path.steps.forEach((step, i) => {
    const address = /^&\s*(.*)$/.exec(text);
    const isArrow = path.steps[i - 1]?.kind === 'dereference';
    if (step.kind === 'member')
      text += isArrow && !text.startsWith('*') ? `->${step.name}` : `.${step.name}`;
    else if (address !== null) text = address[1]!;
    else if (path.steps[i + 1]?.kind !== 'member') text = `*${text}`;
  });
  return text;
}
