// The heap after the shown step: the map, the bytes of the chosen block, the blocks, the free lists.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { BlockId } from '../../simulator/flagged-path.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import type { HeapView } from '../../simulator/view.ts';
import { BlockTable } from './block-table.tsx';
import { FootprintChart } from './footprint-chart.tsx';
import { HeapMap } from './heap-map.tsx';
import { HexWindow } from './hex-window.tsx';
import { ToolReports } from './tool-reports.tsx';

interface HeapProps {
  readonly timeline: Timeline;
  readonly frame: number;
}

export function Heap({ timeline, frame }: HeapProps): JSX.Element {
  const view = useMemo(() => timeline.view(frame), [timeline, frame]);
  const [picked, setPicked] = useState<BlockId | null>(null);
  const present = view.blocks.some((block) => block.block === picked);
  const chosen = present ? picked : blockInFocus(timeline, view);
  return (
    <section class="heap" aria-labelledby="heap-title">
      <h2 id="heap-title">Heap after step {frame}</h2>
      {view.blocks.length === 0 ? (
        <p class="empty">No block of the path has been allocated yet.</p>
      ) : (
        <>
          <HeapMap view={view} chosen={chosen} onPick={setPicked} />
          <Bytes view={view} chosen={chosen} />
          <BlockTable view={view} chosen={chosen} onPick={setPicked} />
          <FreeLists view={view} />
          <FootprintChart timeline={timeline} frame={frame} />
        </>
      )}
      <ToolReports timeline={timeline} />
    </section>
  );
}

/** The block that the step is about; else the one that the path is about, or its latest so far. */
function blockInFocus(timeline: Timeline, view: HeapView): BlockId | null {
  const blockOf = (index: number | null | undefined): BlockId | null => {
    const step = index === null || index === undefined ? undefined : timeline.path.steps[index];
    if (step === undefined || !('block' in step)) return null;
    return 'into' in step && view.blocks.some((each) => each.block === step.into)
      ? step.into
      : step.block;
  };
  const shared = view.blocks.findLast((block) => block.overlaps.length > 0)?.block;
  const own = blockOf(timeline.frames[view.frame]?.step) ?? shared ?? blockOf(timeline.path.fault);
  if (view.blocks.some((block) => block.block === own)) return own;
  const latest = view.blocks.findLast(({ owner }) => owner === 'path') ?? view.blocks.at(-1);
  return latest?.block ?? null;
}

function Bytes({
  view,
  chosen,
}: {
  readonly view: HeapView;
  readonly chosen: BlockId | null;
}): JSX.Element {
  const windows = view.hex.filter((each) => each.block === chosen);
  return (
    <section class="bytes" aria-labelledby="bytes-title">
      <h3 id="bytes-title">Bytes</h3>
      {windows.length === 0 ? (
        <p class="empty">The chosen block lies nowhere in the simulated memory.</p>
      ) : (
        windows.map((each) => <HexWindow key={`${each.block} ${each.address}`} hex={each} />)
      )}
    </section>
  );
}

function FreeLists({ view }: { readonly view: HeapView }): JSX.Element {
  return (
    <section class="free-lists" aria-labelledby="lists-title">
      <h3 id="lists-title">Free lists</h3>
      {view.freeLists.length === 0 && <p class="empty">All that matter here are empty.</p>}
      <dl>
        {view.freeLists.map((list) => (
          <div key={list.name}>
            <dt>{list.name}</dt>
            <dd>{list.entries.length === 0 ? 'empty' : list.entries.join(' → ')}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
