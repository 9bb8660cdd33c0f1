// What can be asked at one moment of a replay, as text: `p`, `*p`, `heap`, `block p`, `who allocated p`; and
// what may complete it. Every answer of more than a value says that it is simulated.
import { freeListText, heapMapText, hexText } from '../../simulator/heap-text.ts';
import { hex } from '../../simulator/word.ts';
import { lineText, type TextLine } from '../../simulator/styled-text.ts';
import type { BlockView } from '../../simulator/view.ts';
import { type Inspector, parseAddress } from './inspector.ts';

export type Answer =
  | { readonly kind: 'value'; readonly text: string; readonly block: BlockView | null }
  /** `selects`: the block that the question was about. */
  | { readonly kind: 'report'; readonly text: string; readonly selects: BlockView | null }
  | { readonly kind: 'unknown'; readonly text: string };

const COMMANDS = ['heap', 'free lists', 'block', 'who allocated', 'help'] as const;

const HELP = `p                what a pointer of the path points to
*p               the bytes of its block, with their fields
heap             the map of the heap, and the free lists
block p          one block; reverse continue then goes to its events
who allocated p  where a block comes from, and where it went
In the place of p: a pointer, a letter of the map, a block's name, or an address (0x...).`;

/** Bytes shown of an address in no block. */
const DUMPED = 64;

export function answer(inspector: Inspector, question: string): Answer {
  const asked = question.trim().replace(/;$/, '').trim();
  const { view } = inspector;
  if (asked === 'help' || asked === '?') return { kind: 'report', text: HELP, selects: null };
  if (asked === 'heap')
    return report(inspector, [...heapMapText(view), ...freeListText(view)], null);
  if (asked === 'free lists') return report(inspector, freeListText(view), null);
  const who = /^who\s+(?:allocated|owns)\s+(.+)$/.exec(asked)?.[1];
  if (who !== undefined)
    return about(inspector, who, (block) => labeled(inspector, inspector.story(block).join('\n')));
  const named = /^block\s+(.+)$/.exec(asked)?.[1];
  if (named !== undefined)
    return about(inspector, named, (block) =>
      labeled(inspector, [...inspector.story(block), ...bytesOf(inspector, block)].join('\n')),
    );
  if (asked.startsWith('*')) return dereferenced(inspector, asked.slice(1).trim());
  return value(inspector, asked);
}

/** Whole questions that start as `text` does. */
export function completions(inspector: Inspector, text: string): readonly string[] {
  const start = text.trimStart();
  const names = [
    ...inspector.pointers.map(({ name }) => name),
    ...inspector.view.blocks.flatMap(({ letter, block }) => [letter, block]),
  ];
  const behind = /^(\*\s*|block\s+|who\s+(?:allocated|owns)\s+)/.exec(start)?.[1];
  const questions =
    behind === undefined
      ? [...inspector.pointers.map(({ name }) => name), ...COMMANDS]
      : [...new Set(names)].map((name) => behind + name);
  return questions.filter((question) => question.startsWith(start));
}

function value(inspector: Inspector, name: string): Answer {
  const found = inspector.pointer(name);
  if (found !== null) return { kind: 'value', text: found.text, block: found.block };
  const block = inspector.block(name);
  if (block !== null) return { kind: 'value', text: inspector.summary(block), block };
  return unknown(inspector, name);
}

function dereferenced(inspector: Inspector, name: string): Answer {
  const block = inspector.block(name);
  if (block !== null)
    return {
      kind: 'report',
      text: labeled(inspector, bytesOf(inspector, block).join('\n')),
      selects: null,
    };
  const address = parseAddress(name);
  if (address === null) {
    const pointer = inspector.pointer(name);
    return pointer === null
      ? unknown(inspector, name)
      : { kind: 'unknown', text: `${name} is ${pointer.text}: there are no bytes to show.` };
  }
  const start = Math.floor(address / 16) * 16;
  const bytes = inspector.timeline.peek(inspector.frame, start, DUMPED);
  const window = {
    block: '',
    title: `no block of the path at ${name}`,
    address: hex(start),
    bytes,
  };
  return report(inspector, hexText({ ...window, fields: [] }), null);
}

function bytesOf(inspector: Inspector, block: BlockView): readonly string[] {
  const windows = inspector.view.hex.filter((each) => each.block === block.block);
  if (windows.length === 0) return ['no bytes of it are modelled'];
  return windows.flatMap((window) => hexText(window).map((line) => lineText(line)));
}

function about(inspector: Inspector, name: string, text: (block: BlockView) => string): Answer {
  const block = inspector.block(name);
  if (block === null) return unknown(inspector, name);
  return { kind: 'report', text: text(block), selects: block };
}

function report(
  inspector: Inspector,
  lines: readonly TextLine[],
  selects: BlockView | null,
): Answer {
  const text = lines.map((line) => lineText(line)).join('\n');
  return { kind: 'report', text: labeled(inspector, text), selects };
}

function labeled({ timeline }: Inspector, text: string): string {
  return `${text}\n[${timeline.model}]`;
}

function unknown(inspector: Inspector, name: string): Answer {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  const unset = inspector.unset.find((each) => each.name === name);
  if (unset !== undefined)
    return { kind: 'unknown', text: `${shown} is ${unset.text} at this step.` };
  const names = inspector.pointers.map((pointer) => pointer.name).slice(0, 8);
  const known = names.length === 0 ? 'No pointer is set yet.' : `Known here: ${names.join(', ')}.`;
  return {
    kind: 'unknown',
    text: `The replay knows nothing of ${shown === '' ? 'an empty expression' : shown}. ${known} \`help\` lists what can be asked.`,
  };
}
