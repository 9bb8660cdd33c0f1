// What pictures in SVG are made of: text and rectangles with the colors in their attributes, so that a picture
// looks the same in every program and on every page. Nothing measures text: widths are those of wide fonts.
import { escapeMarkup } from './page-document.ts';
import { printable, wrap } from './styled-text.ts';

/** Markup whose upper left corner is the origin. */
export interface Drawn {
  readonly markup: string;
  /** In pixels. */
  readonly height: number;
}

/** On white, each with a contrast of 4.5 or more; those of the heap panel's light page. */
export const PALETTE = {
  paper: '#ffffff',
  ink: '#1f2328',
  dim: '#59636e',
  line: '#d1d9e0',
  raised: '#f6f8fa',
  path: '#0a62c9',
  neighbor: '#1a7f37',
  aftermath: '#8250df',
  bad: '#c2182b',
} as const;

const FONTS = {
  sans: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  mono: "ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
} as const;

/** Of a character on average, in parts of the font's size. */
const CHARACTER_WIDTHS = { sans: 0.58, mono: 0.605 } as const;
const BOLD = 1.1;

export interface TextLook {
  readonly font?: keyof typeof FONTS;
  /** In pixels. */
  readonly size?: number;
  readonly bold?: boolean;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle';
}

/** One line of text; `y` is its base line. */
export function text(x: number, y: number, content: string, look: TextLook = {}): string {
  const { font = 'sans', size = 13, bold = false, fill = PALETTE.ink, anchor = 'start' } = look;
  const attributes = [
    `x="${round(x)}"`,
    `y="${round(y)}"`,
    `font-family="${FONTS[font]}"`,
    `font-size="${size}"`,
    ...(bold ? ['font-weight="700"'] : []),
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
    `fill="${fill}"`,
    'xml:space="preserve"',
  ];
  return `<text ${attributes.join(' ')}>${markup(content)}</text>`;
}

/** A name or a line of source may have any length. */
const MOST_LINES = 12;

/** Lines that are not wider than `width`, below each other. */
export function paragraph(content: string, width: number, look: TextLook = {}): Drawn {
  const lineHeight = Math.round((look.size ?? 13) * 1.45);
  const room = charactersIn(width, look);
  const lines = wrap(printable(content).slice(0, MOST_LINES * room), room).slice(0, MOST_LINES);
  return {
    markup: lines.map((line, index) => text(0, (index + 0.75) * lineHeight, line, look)).join('\n'),
    height: lines.length * lineHeight,
  };
}

/** In pixels, rather too much than too little. */
export function widthOf(content: string, look: TextLook): number {
  return content.length * characterWidth(look);
}

/** As much of it as there is room for, in pixels. */
export function fitted(content: string, width: number, look: TextLook): string {
  const room = Math.max(1, charactersIn(width, look));
  return content.length <= room ? content : `${content.slice(0, room - 1)}…`;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function rect({ x, y, width, height }: Box, attributes: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ${attributes}/>`;
}

/** Below each other, each after a gap in pixels. */
export function stacked(parts: readonly (Drawn & { readonly gap: number })[]): Drawn {
  let height = 0;
  const placed = parts.map((part) => {
    const y = height + part.gap;
    height = y + part.height;
    return moved(0, y, part.markup);
  });
  return { markup: placed.join('\n'), height };
}

export function moved(x: number, y: number, content: string): string {
  return `<g transform="translate(${round(x)} ${round(y)})">${content}</g>`;
}

/** Text of an element: what XML cannot hold at all is left out. */
export function markup(content: string): string {
  return escapeMarkup(printable(content).replaceAll(/[\ufffe\uffff]/g, ''));
}

function characterWidth({ font = 'sans', size = 13, bold = false }: TextLook): number {
  return size * CHARACTER_WIDTHS[font] * (bold && font === 'sans' ? BOLD : 1);
}

function charactersIn(width: number, look: TextLook): number {
  return Math.floor(width / characterWidth(look));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
