// Functions that read arguments beyond their parameters: `free_all(void *first, ...)`. What they do with them is
// not followed.
import type { Cfg } from '../cfg/instruction.ts';
import { type ApiRow, apiRow } from '../knowledge/row.ts';
import { withoutCasts } from './heap-call.ts';
import { argumentPath, changed, type Summary } from './summary.ts';

/** The summary, for a call with that many arguments. */
export function withMoreArguments(summary: Summary, count: number): Summary {
  const { escapesFrom, outcomes } = summary;
  if (count <= escapesFrom) return summary;
  const more = Array.from({ length: count - escapesFrom }, (_, i) => argumentPath(escapesFrom + i));
  return {
    ...summary,
    outcomes: outcomes.map((o) =>
      changed(o, { escapes: [...o.escapes, ...more], clobbers: [...o.clobbers, ...more] }),
    ),
  };
}

/**
 * Whether the function takes such arguments itself, or hands all of them on to a function of the program or to one
 * that stores through them, `vsscanf`. A format and its values, handed on to `vsnprintf`, stay the caller's.
 */
export function readsMoreArguments(cfg: Cfg, isDefined: (name: string) => boolean): boolean {
  const calls = cfg.blocks.flatMap(({ instructions }) =>
    instructions.flatMap((i) =>
      i.op === 'call' && i.callee.kind === 'function'
        ? [{ name: i.callee.name, texts: i.arguments.map(({ text }) => text) }]
        : [],
    ),
  );
  const lists = new Set(
    calls.flatMap(({ name, texts: [first] }) =>
      first !== undefined && apiRow(name)?.role === 'argument-list' ? [listIn(first)] : [],
    ),
  );
  if (lists.size === 0) return false;
  return calls.some(
    ({ name, texts }) =>
      (isDefined(name) || readsOrFills(apiRow(name))) &&
      texts.some((text) => lists.has(listIn(text))),
  );
}

function readsOrFills(row: ApiRow | undefined): boolean {
  return (
    row?.role === 'next-argument' || row?.context === 'PyArg_Parse' || row?.context === 'scanf'
  );
}

/** `(va_list *)&list` -> `list` */
function listIn(text: string): string {
  return withoutCasts(text).replace(/^&\s*/, '');
}
