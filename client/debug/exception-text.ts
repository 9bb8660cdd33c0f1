// The exception at a stop, for the debugger's widget and its console: the rule, the families, and what the real
// process would have printed, which always says that it is simulated.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { familyFacts } from '../../simulator/families.ts';
import { verdictWord } from '../../simulator/outcome.ts';
import { placeText } from '../../simulator/place-text.ts';
import { printableBytes } from '../../simulator/styled-text.ts';
import { targetName } from '../../simulator/target.ts';
import type { Fault, Timeline } from '../../simulator/timeline.ts';
import type { Moment } from './moments.ts';

type ExceptionInfo = DebugProtocol.ExceptionInfoResponse['body'];

/** `title`: the finding's message. */
export function exceptionInfo(timeline: Timeline, moment: Moment, title: string): ExceptionInfo {
  const fault = timeline.frames[moment.frame]?.fault ?? null;
  const { outcome, path } = timeline;
  const happened = whatHappened(timeline, moment);
  const details: DebugProtocol.ExceptionDetails = {
    message: fault === null ? happened : crashText(timeline, fault),
    typeName: fault === null ? verdictWord(outcome) : `${fault.signal} (simulated)`,
    stackTrace: [
      ...(fault === null ? [] : [crashText(timeline, fault), '']),
      ...callsOf(timeline),
    ].join('\n'),
  };
  // The victim comes later than the mistake.
  const later = moment.frame < outcome.frame && outcome.fault !== null;
  return {
    exceptionId: path.rule,
    description: `${title}\n${happened}`,
    breakMode: moment.exceptional === 'end of process' ? 'unhandled' : 'always',
    details: later
      ? {
          ...details,
          innerException: [
            {
              message: crashText(timeline, outcome.fault),
              typeName: `${outcome.fault.signal} (simulated)`,
            },
          ],
        }
      : details,
  };
}

/** What is written to standard error, under a line that says who did not write it. */
export function crashText(timeline: Timeline, fault: Fault): string {
  const printed = fault.text.replace(/\n$/, '').split('\n').map(printableBytes).join('\n');
  const label = `SIMULATED ${fault.signal} on ${targetName(timeline.target)}: no process was run`;
  return `${label}\n${printed === '' ? '(nothing is printed)' : printed}`;
}

function whatHappened({ frames, outcome }: Timeline, { frame, exceptional }: Moment): string {
  const fault = frames[frame]?.fault ?? null;
  if (fault !== null) return fault.evidence?.plain ?? fault.reason;
  if (exceptional === 'flagged' && outcome.fault !== null)
    return `This step goes unnoticed. ${outcome.summary}`;
  return outcome.summary;
}

/** The calls that hand memory out and take it back, in order. */
function callsOf({ path }: Timeline): readonly string[] {
  return path.steps.flatMap((step, index) => {
    if (step.kind !== 'alloc' && step.kind !== 'realloc' && step.kind !== 'free') return [];
    const verb = { alloc: 'allocated', realloc: 'resized', free: 'released' }[step.kind];
    const mark = index === path.fault ? '→ ' : '  ';
    return [
      `${mark}${verb} by ${step.api}: ${familyFacts(step.family).label}, at ${placeText(step.at)}`,
    ];
  });
}
