// The abstract states of a function at the entry of each basic block, as the exploration left them.
import type { Fact } from '../flow/fact.ts';
import type { FunctionNode } from '../flow/call-graph.ts';
import type { Frame } from '../flow/frame.ts';
import { PropertyKeys } from '../flow/property-key.ts';
import type { State } from '../flow/state.ts';
import type { Observer } from '../flow/transfer.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import type { BlockIndex, Cfg } from '../cfg/instruction.ts';
import { factText, knownValue, knownValueText, placeText } from './known-value.ts';
import { escapeLog } from './escape-log.ts';
import { cellText } from './place-text.ts';
import type { CalleeNote } from './value-source.ts';

/** What was seen of one function. */
export interface SeenStates {
  readonly observe: Observer;
  /** Ends without a newline. */
  print(node: FunctionNode, noteOf: CalleeNote): string;
}

/** A function that does not parse with all alternatives of a conditional has a graph for each. */
type Seen = Map<BlockIndex, Map<string, State>>;

export function seenStates(): SeenStates {
  const graphs = new Map<Frame, Seen>();
  const escapes = escapeLog();
  const keys = new PropertyKeys();
  return {
    observe(frame, block, index, state) {
      escapes.observe(frame, block, index, state);
      if (index > 0) return;
      const blocks: Seen = graphs.get(frame) ?? new Map();
      graphs.set(frame, blocks);
      const states = blocks.get(block) ?? new Map<string, State>();
      blocks.set(block, states);
      // A later state with the same property covers the earlier one.
      states.set(keys.of(state, false, frame.correlation.at(block)), state.clone());
    },
    print(node, noteOf) {
      const { name } = node.definition;
      if (graphs.size === 0) return `${name}: not explored`;
      return Array.from(graphs, ([frame, blocks]) => {
        const around = { frame, noteOf, escapeOf: escapes.reasonOf };
        const parts = frame.cfg.blocks.map((_, block) => {
          const states = [...(blocks.get(block)?.values() ?? [])];
          const texts = [...new Set(states.map((state) => stateText(state, around)))];
          return blockText(node, frame.cfg, block, texts);
        });
        return [name, ...parts.filter((part) => part !== '')].join('\n');
      }).join('\n\n');
    },
  };
}

function blockText(
  node: FunctionNode,
  cfg: Cfg,
  block: BlockIndex,
  texts: readonly string[],
): string {
  const line = lineOf(cfg, block);
  // A join without code has nothing to show.
  if (line === null) return '';
  const head = `line ${line}, block ${block}: ${node.file.source.line(line)}`;
  if (texts.length === 0) return `${head}\n  no path that was followed gets here`;
  return texts
    .map((text, i) => {
      const count = texts.length === 1 ? '' : `  state ${i + 1} of ${texts.length}\n`;
      return `${i === 0 ? `${head}\n` : ''}${count}${text}`;
    })
    .join('\n');
}

function lineOf({ blocks }: Cfg, block: BlockIndex): number | null {
  const { instructions, terminator } = blocks[block]!;
  return instructions[0]?.at.line ?? ('at' in terminator ? terminator.at.line : null);
}

function stateText(state: State, around: Parameters<typeof knownValue>[2]): string {
  const { frame } = around;
  const { file } = frame.cfg.at;
  const shortPlace = (at: Span): string => (at.file === file ? `line ${at.line}` : placeText(at));
  const lines: string[] = [];
  for (const [cell, value] of [...state.cells].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (cell.startsWith('%') || value.kind === 'unknown') continue;
    const number = value.kind === 'int' ? String(value.value) : null;
    const known = knownValue(value, state, around);
    const range = value.kind === 'ref' ? rangeText(state.factOf(value.id)) : '';
    const text = number ?? (known === null ? '' : `${knownValueText(known, shortPlace)}${range}`);
    const place = cellText(frame, state, cell);
    if (text !== '' && !isUntouched(text, place)) lines.push(`    ${place} = ${text}`);
  }
  for (const [id, fact] of state.facts) {
    if (/^'(?!#)|^\(|^\w+\(/.test(id) && !id.includes('~'))
      lines.push(`    given ${id} ${factText(fact)}`);
    if (id.startsWith("'#if "))
      lines.push(`    compiled where ${id.slice(5, -1)} ${factText(fact)}`);
  }
  return lines.length === 0 ? '    nothing is known' : lines.join('\n');
}

/** What is as it was at entry, and of which nothing else is known, says nothing. */
function isUntouched(text: string, place: string): boolean {
  const [what, kept, ...more] = text.split('; ');
  const isInitial =
    what === `${place} as the caller passed it` ||
    what === `${place} as it was when the function began`;
  return isInitial && more.length === 0 && (kept === undefined || kept.startsWith('kept in '));
}

/** What is known of a number beyond whether it is null. */
function rangeText(fact: Fact): string {
  const { low, high, not } = fact;
  const says = low > -Infinity || high < Infinity || not.some((n) => n !== 0);
  return says && !(low === 0 && high === 0) ? `; ${factText(fact)}` : '';
}
