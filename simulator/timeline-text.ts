// A whole replay for a terminal: numbered steps with notes, the heap where it matters, the bytes of the
// block, and the crash text in a frame that says it is simulated. Styles are meanings, not colors.
import { footprintText, framed, freeListText, heapMapText, hexText, WIDTH } from './heap-text.ts';
import { verdictWord } from './outcome.ts';
import { placeText } from './place-text.ts';
import {
  plain,
  printable,
  printableBytes,
  styled,
  type TextLine,
  type TextStyle,
  wrap,
} from './styled-text.ts';
import { modelLabel } from './target.ts';
import type { Fault, Frame, Timeline, Verdict } from './timeline.ts';
import type { HeapView } from './view.ts';

const STYLES: Readonly<Record<Verdict, TextStyle>> = {
  crash: 'fault',
  'crash-later': 'fault',
  overlap: 'bad',
  silent: 'bad',
  leak: 'bad',
  clean: 'good',
};

const BLANK: TextLine = [plain('')];

export function timelineText(timeline: Timeline): readonly TextLine[] {
  return [
    ...header(timeline),
    BLANK,
    ...stepsText(timeline),
    ...heapsText(timeline),
    ...crashText(timeline),
    BLANK,
    [styled('Assumed', 'heading')],
    ...timeline.assumptions.flatMap((text) => paragraph(`- ${text}`, { first: 2, rest: 4 }, 'dim')),
  ];
}

function header(timeline: Timeline): readonly TextLine[] {
  const word = verdictWord(timeline.outcome).toUpperCase();
  const style = STYLES[timeline.outcome.verdict];
  const [first = '', ...rest] = wrap(printable(timeline.outcome.summary), WIDTH - word.length - 2);
  return [
    [styled(modelLabel(timeline.model), 'label')],
    [styled(word, style), plain(`  ${first}`)],
    ...rest.map((line): TextLine => [plain(' '.repeat(word.length + 2) + line)]),
  ];
}

function stepsText(timeline: Timeline): readonly TextLine[] {
  const lines: TextLine[] = [[styled('Steps', 'heading')]];
  let aftermath = false;
  for (const [index, frame] of timeline.frames.entries()) {
    if (frame.kind === 'start') continue;
    if (frame.kind === 'aftermath' && !aftermath) {
      aftermath = true;
      lines.push([styled('Aftermath: innocent code, as listed under Assumed', 'heading')]);
    }
    lines.push(...frameText(timeline, frame, index));
  }
  const later = timeline.goingOn();
  if (later !== null) lines.push(...paragraph(later.text, { first: 5, rest: 5 }, 'plain'));
  return [...lines, BLANK];
}

function frameText(timeline: Timeline, frame: Frame, index: number): readonly TextLine[] {
  const step = frame.step === null ? undefined : timeline.path.steps[frame.step];
  const flagged = frame.step === timeline.path.fault;
  const mark = frame.fault !== null ? 'x' : flagged ? '>' : ' ';
  const place = step === undefined ? '' : `${placeText(step.at)}  `;
  const style = frame.fault !== null ? 'fault' : flagged ? 'bad' : 'plain';
  const number = `${mark}${String(index).padStart(3)}  `;
  const [first = '', ...rest] = wrap(printable(place + frame.title), WIDTH - number.length, '    ');
  return [
    [styled(number, 'dim'), styled(first, style)],
    ...rest.map((line): TextLine => [plain(' '.repeat(number.length)), styled(line, style)]),
    ...frame.notes.flatMap((note) => paragraph(note, { first: 10, rest: 10 }, 'dim')),
  ];
}

/** The heap after the flagged step, and where the damage shows if that is later. */
function heapsText(timeline: Timeline): readonly TextLine[] {
  const flagged = timeline.frames.findIndex((frame) => frame.step === timeline.path.fault);
  const shown = [flagged, timeline.outcome.frame].filter((index) => index >= 0);
  return [...new Set(shown)].flatMap((index) => heapText(timeline, index));
}

function heapText(timeline: Timeline, index: number): readonly TextLine[] {
  const view = timeline.view(index);
  const lists = freeListText(view);
  return [
    [styled(`Heap after ${index}`, 'heading'), styled(`  ${modelLabel(timeline.model)}`, 'label')],
    ...heapMapText(view),
    ...(lists.length > 0 ? [[styled('Free lists', 'heading')], ...lists] : []),
    [styled('Footprint', 'heading')],
    ...footprintText(view),
    [styled('Bytes', 'heading')],
    ...interesting(timeline, view).flatMap((hex) => hexText(hex)),
    BLANK,
  ];
}

/** The block of the flagged step; with it, every block that shares bytes. */
function interesting(timeline: Timeline, view: HeapView): HeapView['hex'] {
  const step = timeline.path.steps[timeline.path.fault];
  const id = step !== undefined && 'block' in step ? step.block : null;
  const shared = view.blocks.filter((block) => block.overlaps.length > 0).map((each) => each.block);
  const wanted = [...(id === null ? [] : [id]), ...shared];
  return view.hex.filter((hex) => wanted.includes(hex.block));
}

function crashText(timeline: Timeline): readonly TextLine[] {
  const { fault } = timeline.outcome;
  if (fault === null) return [];
  const lines = fault.text === '' ? [] : fault.text.replace(/\n$/, '').split('\n');
  const body = lines.flatMap((line) => wrap(printableBytes(line), WIDTH - 4));
  const bottom = `${fault.signal}, simulated: no process was run`;
  return [
    ...framed(
      modelLabel(timeline.model),
      body.length === 0 ? ['(nothing is printed)'] : body,
      bottom,
    ),
    ...paragraph(fault.reason, { first: 2, rest: 2 }, 'plain'),
    ...evidenceText(timeline, fault),
  ];
}

function evidenceText(timeline: Timeline, { evidence }: Fault): readonly TextLine[] {
  if (evidence === null) return [];
  const step = evidence.brokenBy;
  const title = timeline.frames[step]?.title ?? '';
  return [
    ...paragraph(evidence.plain, { first: 2, rest: 2 }, 'plain'),
    ...paragraph(`What must hold: ${evidence.invariant}`, { first: 2, rest: 4 }, 'plain'),
    ...paragraph(`Broken first by step ${step}: ${title}`, { first: 2, rest: 4 }, 'plain'),
  ];
}

function paragraph(
  text: string,
  indent: { readonly first: number; readonly rest: number },
  style: TextStyle,
): readonly TextLine[] {
  const rest = ' '.repeat(indent.rest);
  return wrap(' '.repeat(indent.first) + printable(text), WIDTH, rest).map(
    (line): TextLine => [styled(line, style)],
  );
}
