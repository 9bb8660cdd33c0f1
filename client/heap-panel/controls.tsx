// First, previous, next, last and a scrubber; the live region that says where the reader is.
import type { JSX } from 'preact';
import type { Timeline } from '../../simulator/timeline.ts';

const ICONS = {
  first: 'M3 3h2v10H3zM13 3v10L6 8z',
  previous: 'M11.5 3v10L4.5 8z',
  next: 'M4.5 3v10l7-5z',
  last: 'M11 3h2v10h-2zM3 3v10l7-5z',
} as const;

type Icon = keyof typeof ICONS;

interface ControlsProps {
  readonly timeline: Timeline;
  readonly frame: number;
  readonly onGo: (frame: number) => void;
}

export function Controls({ timeline, frame, onGo }: ControlsProps): JSX.Element {
  const last = timeline.frames.length - 1;
  const current = timeline.frames[frame];
  const button = (icon: Icon, name: string, keys: string, to: number): JSX.Element => (
    <button
      type="button"
      aria-label={name}
      title={`${name} (${keys})`}
      disabled={to === frame || to < 0 || to > last}
      onClick={() => onGo(to)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={ICONS[icon]} />
      </svg>
    </button>
  );
  return (
    <nav class="controls" aria-label="Steps of the replay">
      <div class="buttons">
        {button('first', 'First step', 'Home', 0)}
        {button('previous', 'Previous step', 'Left arrow or k', frame - 1)}
        {button('next', 'Next step', 'Right arrow or j', frame + 1)}
        {button('last', 'Last step', 'End', last)}
      </div>
      <input
        type="range"
        class="scrubber"
        aria-label="Step"
        aria-valuetext={`${frame} of ${last}: ${current?.title ?? ''}`}
        min={0}
        max={last}
        value={frame}
        onInput={(event) => onGo(Number(event.currentTarget.value))}
      />
      <output class="position" aria-live="off">
        {frame} / {last}
      </output>
      <p class="visually-hidden" aria-live="polite">
        {`Step ${frame} of ${last}. ${current?.title ?? ''}. ${current?.notes.join(' ') ?? ''}`}
      </p>
    </nav>
  );
}
