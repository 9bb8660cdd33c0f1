// Values that a function tests more than once: what is known of them keeps states apart, so that
// `if (heap) p = ...; if (heap) free(p);` stays one question; up to the last place where it is asked.
import { successors } from '../cfg/builder.ts';
import type { BlockIndex, Cfg, Terminator } from '../cfg/instruction.ts';
import type { Id, Origin } from './value.ts';

export class Correlation {
  /** The blocks from which a condition that stands in several places is still asked. */
  readonly #askedFrom: ReadonlyMap<string, readonly boolean[]>;
  readonly #ids = new Map<Id, Set<string>>();
  /** By block; of a time when there were `count` conditions of ids. */
  readonly #known: { readonly count: number; readonly ids: ReadonlySet<Id> }[] = [];
  #count = 0;

  constructor(cfg: Cfg) {
    const askedFrom = new Map(
      Array.from(repeatedConditions(cfg), ([text, blocks]) => [text, blocksBefore(cfg, blocks)]),
    );
    for (const { texts, at } of guardedReturns(cfg)) {
      for (const text of texts) {
        const asked = askedFrom.get(text) ?? cfg.blocks.map(() => false);
        asked[at] = true;
        askedFrom.set(text, asked);
      }
    }
    this.#askedFrom = askedFrom;
  }

  /** Notes what the result of a condition depends on, if the condition stands in several places. */
  note(condition: string, id: Id, origins: ReadonlyMap<Id, Origin>): void {
    if (this.#askedFrom.has(condition)) this.#add(condition, id, origins);
  }

  /** What keeps states apart at the start of the block. */
  at(block: BlockIndex): ReadonlySet<Id> {
    const known = this.#known[block];
    if (known?.count === this.#count) return known.ids;
    const ids = new Set<Id>();
    for (const [id, conditions] of this.#ids) {
      for (const condition of conditions) {
        if (this.#askedFrom.get(condition)?.[block] === true) ids.add(id);
      }
    }
    this.#known[block] = { count: this.#count, ids };
    return ids;
  }

  #add(condition: string, id: Id, origins: ReadonlyMap<Id, Origin>): void {
    const conditions = this.#ids.get(id) ?? new Set();
    this.#ids.set(id, conditions);
    if (!conditions.has(condition)) this.#count++;
    conditions.add(condition);
    const origin = origins.get(id);
    if (origin?.kind === 'negation' && origin.operand.kind === 'ref') {
      this.#add(condition, origin.operand.id, origins);
    }
    if (origin?.kind !== 'comparison') return;
    for (const side of [origin.left, origin.right]) {
      if (side.kind === 'ref' && !side.id.startsWith("'")) this.#add(condition, side.id, origins);
    }
  }
}

/** Conditions as text; a switch asks one for each of its labels. */
function conditionsOf(terminator: Terminator): readonly string[] {
  if (terminator.kind === 'branch') return [terminator.text];
  if (terminator.kind !== 'switch') return [];
  return terminator.cases.map(({ text }) => caseCondition(terminator.text, text));
}

export function caseCondition(tested: string, label: string): string {
  return `${tested} == ${label}`;
}

function repeatedConditions(cfg: Cfg): Map<string, readonly BlockIndex[]> {
  const asked = new Map<string, BlockIndex[]>();
  for (const [i, { terminator }] of cfg.blocks.entries()) {
    for (const text of conditionsOf(terminator)) {
      const blocks = asked.get(text);
      if (blocks === undefined) asked.set(text, [i]);
      else blocks.push(i);
    }
  }
  return new Map([...asked].filter(([, blocks]) => blocks.length > 1));
}

/** `if (list == NULL || item == NULL) return -1;`: which of the questions it was is for the caller to know. */
function guardedReturns({ blocks }: Cfg): { readonly texts: string[]; readonly at: BlockIndex }[] {
  const askers = blocks.map((): { text: string; index: BlockIndex; other: BlockIndex }[] => []);
  const others = blocks.map(() => 0);
  for (const [index, { terminator }] of blocks.entries()) {
    if (terminator.kind !== 'branch') {
      for (const to of successors(terminator)) others[to]!++;
      continue;
    }
    const { whenTrue, whenFalse, text } = terminator;
    askers[whenTrue]!.push({ text, index, other: whenFalse });
    askers[whenFalse]!.push({ text, index, other: whenTrue });
  }
  return askers.flatMap((asked, at) => {
    const isGuarded =
      asked.length > 1 &&
      others[at] === 0 &&
      blocks[at]!.terminator.kind === 'return' &&
      asked.every(({ other }, i) => i === asked.length - 1 || other === asked[i + 1]!.index);
    return isGuarded ? [{ texts: asked.map(({ text }) => text), at }] : [];
  });
}

/** Of each block, whether control may come from it to one of these, or it is one. */
function blocksBefore(cfg: Cfg, blocks: readonly BlockIndex[]): boolean[] {
  const before = cfg.blocks.map(() => false);
  for (const block of blocks) before[block] = true;
  for (let again = true; again; ) {
    again = false;
    for (let i = cfg.blocks.length - 1; i >= 0; i--) {
      if (before[i] || !successors(cfg.blocks[i]!.terminator).some((to) => before[to])) continue;
      before[i] = true;
      again = true;
    }
  }
  return before;
}
