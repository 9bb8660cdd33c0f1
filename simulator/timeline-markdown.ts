// A replay as Markdown, to paste into an issue or a review: how it ends, step by step, and what is printed.
import { verdictWord } from './outcome.ts';
import { placeText } from './place-text.ts';
import { printable, printableBytes } from './styled-text.ts';
import { modelLabel } from './target.ts';
import type { Frame, Timeline } from './timeline.ts';

export function timelineMarkdown(title: string, timeline: Timeline): string {
  const { outcome, path, frames, model, assumptions } = timeline;
  const fault = frames.find((frame) => frame.fault !== null)?.fault ?? null;
  return [
    `### ${inline(title)}`,
    '',
    `${code(path.rule)} · ${inline(modelLabel(model))}`,
    '',
    `**${verdictWord(outcome)}**: ${inline(outcome.summary)}`,
    '',
    ...frames.flatMap((frame, index) =>
      frame.kind === 'start' ? [] : step(timeline, frame, index),
    ),
    ...(fault === null
      ? []
      : ['', `Simulated ${fault.signal}, no process was run:`, '', ...block(fault.text)]),
    '',
    ...assumptions.map((text) => `- ${inline(text)}`),
    '',
  ].join('\n');
}

function step({ path }: Timeline, frame: Frame, index: number): string[] {
  const of = frame.step === null ? undefined : path.steps[frame.step];
  const place = of === undefined ? '' : `${code(placeText(of.at))} `;
  const mark = frame.step === path.fault ? ' (flagged)' : '';
  const notes = frame.fault === null ? [] : frame.notes.map((note) => `   - ${inline(note)}`);
  return [`${index}. ${place}${inline(frame.title)}${mark}`, ...notes];
}

/** What Markdown would read as more than text is escaped. */
function inline(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|#~]/g, '\\$&');
}

function code(text: string): string {
  return `\`${printable(text).replaceAll('`', "'")}\``;
}

function block(text: string): string[] {
  const lines =
    text === '' ? ['(nothing is printed)'] : text.trimEnd().split('\n').map(printableBytes);
  const ticks = lines.join(' ').match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...ticks.map((run) => run.length + 1)));
  return [`${fence}text`, ...lines, fence];
}
