// What a session says of its own accord: why it stopped, and in the console what each frame did on the way there.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Span } from '../../simulator/flagged-path.ts';
import { printable } from '../../simulator/styled-text.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import type { Stop } from './replay-session.ts';

export const THREAD = 1;

/** Frames that one move tells of. */
const TOLD = 100;

export interface Remark {
  readonly text: string;
  readonly at: Span | null;
}

/** One remark for each frame after `from`; nothing for a move back. */
export function remarksOn(timeline: Timeline, from: number, to: number): readonly Remark[] {
  const start = Math.max(from + 1, to - TOLD + 1);
  return timeline.frames.slice(start, to + 1).map(({ title, notes, step }, index) => {
    const lines = [`${start + index}  ${title}`, ...notes.map((note) => `     ${note}`)];
    return {
      text: `${lines.map((line) => printable(line)).join('\n')}\n`,
      at: timeline.path.steps[step ?? -1]?.at ?? null,
    };
  });
}

export function stoppedBody({
  reason,
  text,
  breakpoints,
}: Stop): DebugProtocol.StoppedEvent['body'] {
  const description = descriptionOf(reason, text);
  return {
    reason: reason === 'end' || reason === 'start' ? 'step' : reason,
    threadId: THREAD,
    allThreadsStopped: true,
    ...(description === null ? {} : { description }),
    ...(text === null ? {} : { text }),
    ...(breakpoints.length === 0 ? {} : { hitBreakpointIds: [...breakpoints] }),
  };
}

function descriptionOf(reason: Stop['reason'], text: string | null): string | null {
  if (reason === 'end') return 'Paused at the end of the replay';
  if (reason === 'start') return 'Paused at the start of the replay';
  return text === null ? null : `Paused on ${reason}: ${text}`;
}
