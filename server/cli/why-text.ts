// What `check --why` says to a person.
import { familyFacts } from '../../simulator/families.ts';
import { knownValueText, placeText } from '../explain/known-value.ts';
import type { SeenPointer } from '../explain/line-watch.ts';
import type { SlotHistory, SlotUse } from '../explain/slot-history.ts';
import type { Why, WhyFinding } from '../explain/why.ts';
import { groupBy } from '../group-by.ts';
import { printable } from './display-text.ts';
import type { Colors } from './terminal.ts';

/** Stores or releases of one field that are listed. */
const MAX_USES = 8;

export function whyText(why: Why, colors: Colors): string {
  const { file, line, text, functions, pointers, slots, findings, reasons } = why;
  const inside = functions.map(
    (each) => `in ${each.name}(), lines ${each.line} to ${each.endLine}`,
  );
  const sections = [
    [`${colors.bold(printable(`${file}:${line}`))}: ${printable(text)}`, ...inside],
    ...pointers.map((pointer) => pointerLines(pointer, colors)),
    ...slots.map((slot) => slotLines(slot, colors)),
    findings.map((finding) => findingLine(finding, colors)),
    [
      ...(findings.length === 0 ? ['No rule says anything about this line.'] : []),
      ...reasons.map(printable),
    ],
  ];
  const blocks = sections.filter((lines) => lines.length > 0);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function pointerLines({ expression, how, values }: SeenPointer, colors: Colors): string[] {
  const head = `${colors.bold(printable(expression))} (${printable(how)})`;
  return [head, ...values.map((value) => `  ${printable(knownValueText(value))}`)];
}

function slotLines({ slot, stores, releases }: SlotHistory, colors: Colors): string[] {
  return [
    `${colors.bold(printable(slot))} in these files`,
    ...useLines('stored to', 'anything else', stores),
    ...useLines('released', 'anything', releases),
  ];
}

/** A line for each place; what comes there on different paths is told together, what is known first. */
function useLines(what: string, otherwise: string, uses: readonly SlotUse[]): string[] {
  if (uses.length === 0) return [`  ${what} nowhere in view`];
  const places = groupBy(uses, ({ at }) => placeText(at));
  const lines = [...places].slice(0, MAX_USES).map(([place, here]) => {
    const known = here.filter(({ api }) => api !== null).map(knownUse);
    const texts = known.length < here.length ? [...known, otherwise] : known;
    return printable(`  ${what} at ${place}: ${texts.join('; or ')}`);
  });
  const more = places.size - MAX_USES;
  return more > 0 ? [...lines, `  and ${what} at ${more} other places`] : lines;
}

function knownUse({ api, family }: SlotUse): string {
  return `${api}()${family === null ? '' : `, ${familyFacts(family).label}`}`;
}

function findingLine({ finding, hiddenBecause }: WhyFinding, colors: Colors): string {
  const { rule, confidence, message } = finding;
  const state =
    hiddenBecause === null
      ? colors.red('reported')
      : colors.yellow(`not reported, ${hiddenBecause}`);
  return `${state}: ${printable(message)} [${rule}, ${confidence}]`;
}
