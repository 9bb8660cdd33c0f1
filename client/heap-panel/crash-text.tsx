// What the process would have printed if it died at the shown step, always under a label that says it is simulated.
import type { JSX } from 'preact';
import { printableBytes } from '../../simulator/styled-text.ts';
import { modelLabel } from '../../simulator/target.ts';
import type { Evidence, Fault, Timeline } from '../../simulator/timeline.ts';
import type { Host } from './host.ts';

interface CrashTextProps {
  readonly host: Host;
  readonly timeline: Timeline;
  readonly frame: number;
  readonly onGo: (frame: number) => void;
}

export function CrashText({ host, timeline, frame, onGo }: CrashTextProps): JSX.Element | null {
  const fault = timeline.frames[frame]?.fault ?? null;
  if (fault === null) return null;
  return (
    <figure class="crash">
      <figcaption>
        <strong>SIMULATED</strong> {fault.signal}: no process was run
        <button type="button" class="copy" onClick={() => host.copy(copyText(timeline, fault))}>
          Copy
        </button>
      </figcaption>
      <pre tabIndex={0} aria-label="Simulated standard error">
        {fault.text === '' ? '(nothing is printed)' : visible(fault.text)}
      </pre>
      {fault.evidence === null ? (
        <p>{fault.reason}</p>
      ) : (
        <Why timeline={timeline} fault={fault} evidence={fault.evidence} onGo={onGo} />
      )}
    </figure>
  );
}

interface WhyProps {
  readonly timeline: Timeline;
  readonly fault: Fault;
  readonly evidence: Evidence;
  readonly onGo: (frame: number) => void;
}

/** What the check read, what must hold, and the step that broke it. */
function Why({ timeline, fault, evidence, onGo }: WhyProps): JSX.Element {
  const { plain, invariant, brokenBy } = evidence;
  return (
    <details open={window.matchMedia('(min-width: 821px)').matches}>
      <summary>{fault.reason}</summary>
      <p>{plain}</p>
      <p>What must hold: {invariant}</p>
      <button type="button" class="link" onClick={() => onGo(brokenBy)}>
        Broken first by step {brokenBy}: {timeline.frames[brokenBy]?.title ?? ''}
      </button>
    </details>
  );
}

/** As a terminal could show it. */
function visible(text: string): string {
  return text.split('\n').map(printableBytes).join('\n');
}

function copyText(timeline: Timeline, fault: Fault): string {
  const label = `[${modelLabel(timeline.model)}] `;
  const lines = visible(fault.text === '' ? fault.signal : fault.text)
    .trimEnd()
    .split('\n');
  return `${lines.map((line) => label + line).join('\n')}\n`;
}
