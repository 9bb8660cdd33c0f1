// Who knows of how many bytes, step by step: a small stacked chart, and the figures of the shown step.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Timeline } from '../../simulator/timeline.ts';
import type { Footprint } from '../../simulator/view.ts';

interface FootprintChartProps {
  readonly timeline: Timeline;
  readonly frame: number;
}

const HEIGHT = 40;
const STEP = 10;

export function FootprintChart({ timeline, frame }: FootprintChartProps): JSX.Element | null {
  const all = useMemo(() => timeline.footprints(), [timeline]);
  const shown = all[frame];
  if (shown === undefined) return null;
  const most = Math.max(1, ...all.map(sumOf));
  return (
    <section class="footprint" aria-labelledby="footprint-title">
      <h3 id="footprint-title">Footprint</h3>
      <svg
        viewBox={`0 0 ${all.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Bytes of live blocks, step 0 to ${all.length - 1}; at most ${most}`}
      >
        {all.map((each, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- steps never move
          <Bar key={index} footprint={each} index={index} most={most} isShown={index === frame} />
        ))}
      </svg>
      <Figures footprint={shown} />
    </section>
  );
}

/** Live bytes, whoever was asked for them, and what was added. */
function sumOf({ known, escaped, waste }: Footprint): number {
  return known + escaped + waste;
}

interface BarProps {
  readonly footprint: Footprint;
  readonly index: number;
  readonly most: number;
  readonly isShown: boolean;
}

function Bar({ footprint, index, most, isShown }: BarProps): JSX.Element {
  const { known, escaped, waste } = footprint;
  const scale = (bytes: number): number => (bytes / most) * (HEIGHT - 2);
  const x = index * STEP + 1;
  const parts = [
    { name: 'known', from: 0, bytes: known },
    { name: 'escaped', from: known, bytes: escaped },
    { name: 'waste', from: known + escaped, bytes: waste },
  ];
  return (
    <g>
      {isShown && <rect class="shown" x={index * STEP} y={0} width={STEP} height={HEIGHT} />}
      {parts.map(({ name, from, bytes }) => (
        <rect
          key={name}
          class={`part-${name}`}
          x={x}
          y={HEIGHT - scale(from) - scale(bytes)}
          width={STEP - 2}
          height={scale(bytes)}
        />
      ))}
    </g>
  );
}

function Figures({ footprint }: { readonly footprint: Footprint }): JSX.Element {
  const { fromSystem, inCHeap, known, escaped, waste, traced, collector } = footprint;
  const rows = [
    ['known', 'Asked of Python', inBytes(known)],
    ['escaped', 'Asked of malloc() past it', inBytes(escaped)],
    ['waste', 'Not asked for: headers, rounding', inBytes(waste)],
    ['', 'Counted by tracemalloc', `${inBytes(traced.bytes)} in ${traced.blocks}`],
    ['', 'New objects of the collector', `${collector.young} of ${collector.threshold}`],
    ['', 'From the system', inBytes(fromSystem)],
    ['', 'Of these in the C heap', inBytes(inCHeap)],
  ] as const;
  return (
    <dl>
      {rows.map(([part, name, value]) => (
        <div key={name}>
          <dt>
            {part !== '' && <span class={`key key-${part}`} aria-hidden="true" />}
            {name}
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function inBytes(count: number): string {
  return `${count.toLocaleString('en-US')} B`;
}
