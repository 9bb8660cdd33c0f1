// First, previous, next, last and a scrubber; the live region that says where the reader is.
import type { JSX } from 'preact';
import type { Timeline } from '../../simulator/timeline.ts';

interface ControlsProps {
  readonly timeline: Timeline;
  readonly frame: number;
  readonly onGo: (frame: number) => void;
}

export function Controls({ timeline, frame, onGo }: ControlsProps): JSX.Element {
  const last = timeline.frames.length - 1;
  const current = timeline.frames[frame];
  const button = (sign: string, name: string, keys: string, to: number): JSX.Element => (
    <button
      type="button"
      aria-label={name}
      title={`${name} (${keys})`}
      disabled={to === frame || to < 0 || to > last}
      onClick={() => onGo(to)}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
  return (
    <nav class="controls" aria-label="Steps of the replay">
      <div class="buttons">
        {button('⏮', 'First step', 'Home', 0)}
        {button('◀', 'Previous step', 'Left arrow or k', frame - 1)}
        {button('▶', 'Next step', 'Right arrow or j', frame + 1)}
        {button('⏭', 'Last step', 'End', last)}
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
      <output class="position">
        {frame} / {last}
      </output>
      <p class="visually-hidden" aria-live="polite">
        {`Step ${frame} of ${last}. ${current?.title ?? ''}. ${current?.notes.join(' ') ?? ''}`}
      </p>
    </nav>
  );
}
