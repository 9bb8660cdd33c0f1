// decode(text): what a real crash says. Finds the reports of the debug hooks, glibc, CPython, AddressSanitizer
// and Valgrind in any log, and tells what each means, which pairs of functions cause it and what to look for.
import { describeApiId } from './decode-api-id.ts';
import type { Cause, KnownReport } from './decode-report.ts';
import { KNOWN_REPORTS } from './decode-reports.ts';

export interface Decoded {
  readonly source: KnownReport['source'];
  /** Where in the text, from 1. */
  readonly line: number;
  /** The line as it stands there, without what a tool puts in front. */
  readonly quoted: string;
  readonly meaning: string;
  /** What hands out the block and what gets it, the likeliest first. */
  readonly causes: readonly Cause[];
  readonly lookFor: readonly string[];
  /** Ids of rules that find such code. */
  readonly rules: readonly string[];
  /** Places of the reader's own code that the report names: `give (repro.c:130)`. */
  readonly places: readonly string[];
}

/** Longer lines are no report; more lines are read, but their reports are not all told. */
const LONGEST_LINE = 2000;
const MOST_REPORTS = 50;

/** In the order of the text; empty where nothing is known. Never throws. */
export function decode(text: string): readonly Decoded[] {
  const lines = text.split(/\r?\n/).map((line) => line.slice(0, LONGEST_LINE));
  const found: Decoded[] = [];
  for (const [index, line] of lines.entries()) {
    if (found.length === MOST_REPORTS) break;
    const decoded = decodeLine(line, index, lines);
    const isRepeated = found.some(
      ({ quoted, meaning }) => quoted === decoded?.quoted && meaning === decoded.meaning,
    );
    if (decoded !== null && !isRepeated) found.push(decoded);
  }
  return found;
}

function decodeLine(line: string, index: number, lines: readonly string[]): Decoded | null {
  // A summary says again what was said.
  if (line.startsWith('SUMMARY:')) return null;
  for (const report of KNOWN_REPORTS) {
    const match = report.pattern.exec(line);
    if (match === null) continue;
    const rest = lines.slice(index, index + 40).join('\n');
    const { meaning, causes, lookFor, rules } =
      report.tell === undefined ? report : { ...report, ...report.tell(match, rest) };
    const ids = report.ids === undefined ? [] : report.ids(match).map(describeApiId);
    return {
      source: report.source,
      line: index + 1,
      quoted: match[0],
      meaning: [meaning, ...ids].join(' '),
      causes,
      lookFor,
      rules,
      places: placesIn(lines.slice(index + 1, index + 40)),
    };
  }
  return null;
}

/** Frames of a stack that have a source line, up to the end of the first stack. */
function placesIn(lines: readonly string[]): readonly string[] {
  const places: string[] = [];
  let isIn = false;
  for (const line of lines) {
    const frame =
      /^\s*#\d+ 0x[0-9a-f]+ in (\S+) (\S+:\d+)/.exec(line) ??
      /^==\d+==\s+(?:at|by) 0x[0-9A-F]+: (\S+) \((\S+:\d+)\)/.exec(line);
    const isFrame = /^\s*#\d+ |^==\d+==\s+(?:at|by) /.test(line);
    if (isIn && !isFrame) break;
    isIn ||= isFrame;
    const [, name, place] = frame ?? [];
    if (name === undefined || place === undefined || /sanitizer|vgpreload/.test(place)) continue;
    places.push(`${name} (${place})`);
  }
  return places.slice(0, 5);
}
