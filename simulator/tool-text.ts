// The report of a memory checker for a terminal: what it says in one sentence, its lines in a frame that says they
// are simulated, and what to know beside them.
import { WIDTH } from './heap-text.ts';
import { printable, styled, type TextLine, wrap } from './styled-text.ts';
import { modelLabel } from './target.ts';
import type { ToolReport } from './tool-report.ts';

export function toolLines(report: ToolReport): readonly TextLine[] {
  const { lines, notes, summary, model } = report;
  const style = lines.length > 0 ? 'fault' : 'bad';
  return [
    [styled(modelLabel(model), 'label')],
    ...wrap(printable(summary), WIDTH).map((line): TextLine => [styled(line, style)]),
    ...(lines.length === 0 ? [] : framed(lines)),
    ...notes.flatMap((note) =>
      wrap(`- ${printable(note)}`, WIDTH, '  ').map((line): TextLine => [styled(line, 'dim')]),
    ),
  ];
}

function framed(lines: readonly string[]): readonly TextLine[] {
  const body = lines.flatMap((line) => wrap(printable(line), WIDTH - 4, '        '));
  return [
    edge('simulated: no process was run'),
    ...body.map(
      (line): TextLine => [
        styled('| ', 'label'),
        styled(line.padEnd(WIDTH - 4), 'fault'),
        styled(' |', 'label'),
      ],
    ),
    edge('? and ... stand for what only a run decides'),
  ];
}

function edge(text: string): TextLine {
  return [styled(`${`+-- ${text} `.padEnd(WIDTH - 1, '-').slice(0, WIDTH - 1)}+`, 'label')];
}
