// The same question asked twice on one path: where nothing it mentions changes in between, another answer
// the second time is a path that does not exist. Values tell most of them; calls out of view, which may
// change anything, hide the rest, and there the text of the condition decides.
import type { Span } from '../../simulator/flagged-path.ts';
import type { BasicBlock, Cfg, Instruction, Place } from '../cfg/instruction.ts';
import { apiRow } from '../knowledge/row.ts';
import { repeatedBlocks } from './repeated-blocks.ts';
import { eventsOf, placeKey, type Trace } from './trace.ts';
import { sourceName } from '../cfg/scope.ts';

export class RepeatedTests {
  readonly #cfg: Cfg;
  #changing: Changing | null = null;

  constructor(cfg: Cfg) {
    this.#cfg = cfg;
  }

  /** The path answers one question in two ways. */
  contradicts(trace: Trace | null): boolean {
    const answers = new Map<string, { readonly taken: boolean; readonly at: Span }>();
    for (const event of eventsOf(trace)) {
      if (event.kind !== 'branch') continue;
      const { condition, taken, at } = event;
      const known = answers.get(condition);
      if (known === undefined) {
        answers.set(condition, { taken, at });
        continue;
      }
      // The condition of a loop is asked again at its own place.
      if (known.taken === taken || placeKey(known.at) === placeKey(at)) continue;
      if (this.#isLasting(condition, known.at)) return true;
    }
    return false;
  }

  /** Nothing in the function changes what the condition mentions, once it is asked there. */
  #isLasting(condition: string, asked: Span): boolean {
    this.#changing ??= changingIn(this.#cfg);
    const { names, places, settled } = this.#changing;
    const isChanged = (name: string): boolean => {
      const last = settled.get(name);
      return names.has(name) && (last === undefined || !isBefore(last, asked));
    };
    const calls = condition.matchAll(/([A-Za-z_]\w*)\s*\(/g);
    for (const [, name] of calls) if (!/check|(^|_)(is|has|can|type)/i.test(name!)) return false;
    const words = [...condition.matchAll(/(?<!->\s*|\.\s*|\w)[A-Za-z_]\w*(?!\w*\s*\()/g)];
    if (words.length === 0) return false;
    if (words.some(([word]) => isChanged(word))) return false;
    return !places.some((place) => condition.includes(place));
  }
}

interface Changing {
  /** Locals and globals with more than one value in the function. */
  readonly names: ReadonlySet<string>;
  /** Of those the locals that nothing changes twice on a path, nor through a pointer: where that is last done. */
  readonly settled: ReadonlyMap<string, Span>;
  /** What else is assigned to, as written. */
  readonly places: readonly string[];
}

function changingIn(cfg: Cfg): Changing {
  const stores = new Map<string, number>();
  const names = new Set<string>();
  const places = new Set<string>();
  const parameters = new Set(cfg.parameters.map((p) => p.local));
  for (const instruction of cfg.blocks.flatMap((block) => block.instructions)) {
    if (instruction.op === 'address') {
      const { of } = instruction;
      if (of.kind === 'local' || of.kind === 'global') names.add(sourceName(of.name));
    }
    if (instruction.op !== 'store') continue;
    const { to } = instruction;
    if (to.kind === 'local' || to.kind === 'global') {
      const count = (stores.get(sourceName(to.name)) ?? (parameters.has(to.name) ? 1 : 0)) + 1;
      stores.set(sourceName(to.name), count);
      if (count > 1) names.add(sourceName(to.name));
    } else if (instruction.text !== '') places.add(instruction.text);
  }
  return { names, places: [...places], settled: settledIn(cfg) };
}

function settledIn(cfg: Cfg): ReadonlyMap<string, Span> {
  const repeated = repeatedBlocks(cfg);
  const last = new Map<string, Span>();
  const unsettled = new Set<string>();
  cfg.blocks.forEach((block, i) => {
    for (const instruction of block.instructions) {
      const place = changed(instruction);
      if (place === null) continue;
      const name = sourceName(place.name);
      const isKnown =
        place.kind === 'local' && (instruction.op === 'store' || isFilled(block, instruction));
      if (!isKnown || repeated[i]!) unsettled.add(name);
      const known = last.get(name);
      if (known === undefined || isBefore(known, instruction.at)) last.set(name, instruction.at);
    }
  });
  for (const name of unsettled) last.delete(name);
  return last;
}

/** The variable that the instruction writes, or whose address it takes. */
function changed(instruction: Instruction): (Place & { kind: 'local' | 'global' }) | null {
  if (instruction.op !== 'store' && instruction.op !== 'address') return null;
  const place = instruction.op === 'store' ? instruction.to : instruction.of;
  return place.kind === 'local' || place.kind === 'global' ? place : null;
}

/** Its address is given to a function of the API that fills it and does not keep it: `PyArg_ParseTuple(…, &p)`. */
function isFilled(block: BasicBlock, address: Instruction): boolean {
  return (
    address.op === 'address' &&
    block.instructions.some(
      (i) =>
        i.op === 'call' &&
        i.callee.kind === 'function' &&
        apiRow(i.callee.name)?.role === 'format-parser' &&
        i.arguments.some(({ value }) => value === address.to),
    )
  );
}

function isBefore(a: Span, b: Span): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}
