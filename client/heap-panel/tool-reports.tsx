// What AddressSanitizer or Valgrind would print of the path on the shown target: closed until it is asked for, and
// always under a label that says it is simulated.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { modelLabel } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import type { Tool } from '../../simulator/tool-finding.ts';
import { TOOL_NAMES, TOOLS, toolReport } from '../../simulator/tool-report.ts';

interface ToolReportsProps {
  readonly timeline: Timeline;
}

export function ToolReports({ timeline }: ToolReportsProps): JSX.Element {
  const [tool, setTool] = useState<Tool>('asan');
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="tools" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What a memory checker would print</summary>
      <label>
        Tool{' '}
        <select
          value={tool}
          onChange={(event) =>
            setTool(TOOLS.find((each) => each === event.currentTarget.value) ?? 'asan')
          }
        >
          {TOOLS.map((each) => (
            <option key={each} value={each}>
              {TOOL_NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      {isOpen && <Report timeline={timeline} tool={tool} />}
    </details>
  );
}

function Report({ timeline, tool }: ToolReportsProps & { readonly tool: Tool }): JSX.Element {
  const { path, target } = timeline;
  const report = useMemo(() => toolReport(path, target, tool), [path, target, tool]);
  return (
    <>
      <p class="label">{modelLabel(report.model)}</p>
      <p role="status">{report.summary}</p>
      {report.lines.length > 0 && (
        <pre tabIndex={0} aria-label={`Simulated report of ${TOOL_NAMES[tool]}`}>
          {report.lines.join('\n')}
        </pre>
      )}
      {report.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </>
  );
}
