// The report of a memory checker for a terminal: what it says in one sentence, its lines in a frame that says they
// are simulated, and what to know beside them.
import { framed, WIDTH } from './heap-text.ts';
import { printable, styled, type TextLine, wrap } from './styled-text.ts';
import { modelLabel } from './target.ts';
import type { ToolReport } from './tool-report.ts';

const TOP = 'simulated: no process was run';
const BOTTOM = '? and ... stand for what only a run decides';

export function toolLines(report: ToolReport): readonly TextLine[] {
  const { lines, notes, summary, model } = report;
  const body = lines.flatMap((line) => wrap(printable(line), WIDTH - 4, '        '));
  const style = lines.length > 0 ? 'fault' : 'bad';
  return [
    [styled(modelLabel(model), 'label')],
    ...wrap(printable(summary), WIDTH).map((line): TextLine => [styled(line, style)]),
    ...(lines.length === 0 ? [] : framed(TOP, body, BOTTOM)),
    ...notes.flatMap((note) =>
      wrap(`- ${printable(note)}`, WIDTH, '  ').map((line): TextLine => [styled(line, 'dim')]),
    ),
  ];
}
