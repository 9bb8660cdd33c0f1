// What the simulator's styled text looks like in a terminal: a color for each meaning. Nothing is told by
// color alone; the text has a letter or a word for everything.
import { lineText, type TextLine, type TextStyle } from '../../simulator/styled-text.ts';
import type { Colors } from './terminal.ts';

type Paint = Exclude<keyof Colors, 'isColorSupported' | 'reset'>;

const PAINT = {
  plain: [],
  heading: ['bold'],
  dim: ['dim'],
  good: ['bold', 'green'],
  bad: ['bold', 'yellow'],
  fault: ['bold', 'red'],
  label: ['magenta'],
  live: ['cyan'],
  freed: ['yellow'],
  free: ['dim'],
  neighbor: ['blue'],
  overlap: ['bold', 'red', 'inverse'],
  corrupt: ['bold', 'red'],
  changed: ['yellow'],
} satisfies Record<TextStyle, readonly Paint[]>;

/** Ends with a line break, or is empty. */
export function styledOutput(lines: readonly TextLine[], colors: Colors): string {
  if (!colors.isColorSupported)
    return lines.map((line) => `${lineText(line).trimEnd()}\n`).join('');
  return lines
    .map((line) => `${line.map(({ text, style }) => paint(text, style, colors)).join('')}\n`)
    .join('');
}

function paint(text: string, style: TextStyle, colors: Colors): string {
  const paints: readonly Paint[] = PAINT[style];
  return paints.reduce((painted, name) => colors[name](painted), text);
}
