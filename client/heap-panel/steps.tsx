// The list of steps: those of the path with their source line, then the aftermath. Choosing one shows the
// heap after it and, in VS Code, its place in the source.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { withoutComments } from '../../simulator/c-comments.ts';
import type { Step } from '../../simulator/flagged-path.ts';
import { placeText } from '../../simulator/place-text.ts';
import type { Frame, Timeline } from '../../simulator/timeline.ts';

interface StepsProps {
  readonly timeline: Timeline;
  readonly frame: number;
  readonly onGo: (frame: number) => void;
}

export function Steps({ timeline, frame, onGo }: StepsProps): JSX.Element {
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = list.current?.querySelector('[aria-current]')?.parentElement;
    if (list.current !== null && current instanceof HTMLElement) reveal(list.current, current);
  }, [frame, timeline]);
  const later = useMemo(() => timeline.goingOn(), [timeline]);
  const frames = timeline.frames.map((each, index) => ({ frame: each, index }));
  const item = (each: { readonly frame: Frame; readonly index: number }): JSX.Element => (
    <StepItem
      key={each.index}
      timeline={timeline}
      frame={each.frame}
      index={each.index}
      current={each.index === frame}
      onGo={onGo}
    />
  );
  const aftermath = frames.filter((each) => each.frame.kind === 'aftermath');
  return (
    <section class="steps" ref={list} aria-labelledby="steps-title">
      <h2 id="steps-title">Steps</h2>
      <ol>{frames.filter((each) => each.frame.kind !== 'aftermath').map(item)}</ol>
      {aftermath.length > 0 && (
        <>
          <h3>Aftermath: the process goes on</h3>
          <ol>{aftermath.map(item)}</ol>
          {later !== null && <p class="later">{later.text}</p>}
        </>
      )}
      <details class="assumptions">
        <summary>What this replay assumes</summary>
        <ul>
          {timeline.assumptions.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}

/** Scrolls the list alone; scrollIntoView would move the page as well. */
function reveal(list: HTMLElement, item: HTMLElement): void {
  const outer = list.getBoundingClientRect();
  const inner = item.getBoundingClientRect();
  if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
  const top = item.getBoundingClientRect().top;
  if (top < outer.top) list.scrollTop += top - outer.top;
}

interface StepItemProps {
  readonly timeline: Timeline;
  readonly frame: Frame;
  readonly index: number;
  readonly current: boolean;
  readonly onGo: (frame: number) => void;
}

function StepItem({ timeline, frame, index, current, onGo }: StepItemProps): JSX.Element {
  const step = frame.step === null ? undefined : timeline.path.steps[frame.step];
  const flagged = frame.step !== null && frame.step === timeline.path.fault;
  const dies = frame.fault !== null;
  return (
    <li class={['step', flagged ? 'flagged' : '', dies ? 'dies' : ''].join(' ').trim()}>
      <button type="button" aria-current={current ? 'step' : undefined} onClick={() => onGo(index)}>
        <span class="number">{index}</span>{' '}
        <span class="what">
          {step !== undefined && <Source step={step} />} <span class="title">{frame.title}</span>
          {flagged && <span class="badge">flagged</span>}
          {dies && <span class="badge badge-dies">✕ dies</span>}
        </span>
      </button>
      {current && frame.notes.length > 0 && (
        <ul class="notes">
          {frame.notes.map((note, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- sentences may repeat and never move
            <li key={at}>{note}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Source({ step }: { readonly step: Step }): JSX.Element {
  return (
    <span class="source">
      <span class="place">{`${placeText(step.at)} `}</span>
      <code>{withoutComments(step.text)}</code>
    </span>
  );
}
