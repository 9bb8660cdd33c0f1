// What a reader takes along of a replay: its text to paste, the page of it and a picture of the heap as files.
import type { JSX } from 'preact';
import { useCallback, useLayoutEffect } from 'preact/hooks';
import type { OpenedReplay } from '../../simulator/heap-page.ts';
import { heapSvg } from '../../simulator/heap-svg.ts';
import type { SavedForm } from '../../simulator/saved-name.ts';
import { timelineMarkdown } from '../../simulator/timeline-markdown.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import type { Host } from './host.ts';

const LABELS: Readonly<Record<SavedForm, string>> = {
  html: 'Save as HTML',
  svg: 'Save as SVG',
};

const HINTS: Readonly<Record<SavedForm, string>> = {
  html: 'One page with the whole replay, which opens at this step',
  svg: 'A picture of the heap after this step',
};

interface ExportsProps {
  readonly host: Host;
  /** The finding, and the fix that is shown with it. */
  readonly title: string;
  readonly timeline: Timeline;
  readonly frame: number;
  readonly replay: OpenedReplay;
}

export function Exports({ host, title, timeline, frame, replay }: ExportsProps): JSX.Element {
  const save = useCallback(
    (form: SavedForm): void =>
      host.saveAs({ form, replay, picture: heapSvg(title, timeline, frame) }),
    [host, title, timeline, frame, replay],
  );
  // Before a message can come: VS Code asks as soon as the page listens.
  useLayoutEffect(() => host.onSaveAsked(save), [host, save]);
  return (
    <span class="exports" role="group" aria-label="Take this replay along">
      <button
        type="button"
        class="link"
        onClick={() => host.copy(timelineMarkdown(title, timeline))}
      >
        Copy as Markdown
      </button>
      {host.saves.map((form) => (
        <button
          key={form}
          type="button"
          class="link"
          title={HINTS[form]}
          onClick={() => save(form)}
        >
          {LABELS[form]}
        </button>
      ))}
    </span>
  );
}
