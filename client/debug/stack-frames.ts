// The call stack of a moment as the protocol has it, innermost first.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Span } from '../../simulator/flagged-path.ts';
import type { Moment } from './moments.ts';
import type { SourceFiles } from './source-files.ts';

/** A frame and how many calls it is from the outermost function. */
export interface StackEntry {
  readonly depth: number;
  readonly frame: Omit<DebugProtocol.StackFrame, 'id'>;
}

export function stackOf({ place, calls }: Moment, files: SourceFiles): readonly StackEntry[] {
  if (place.kind === 'aftermath') {
    const { line } = place;
    const frame = { name: 'innocent code', source: files.aftermath, line, column: 1 };
    return [{ depth: 0, frame }];
  }
  const entry = (depth: number, at: Span): StackEntry => {
    const name =
      calls[depth - 1]?.function ?? files.functionAt(at.file, at.line) ?? 'the flagged code';
    return {
      depth,
      frame: {
        name,
        source: files.source(at.file),
        line: at.line,
        column: at.column,
        canRestart: true,
      },
    };
  };
  return [
    entry(calls.length, place.at),
    ...calls.map(({ from }, index) => entry(index, from)).toReversed(),
  ];
}

/** Lines and columns from 1; a span without an extent has none. */
export function spanRange({ line, column, endLine, endColumn }: Span): {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
} {
  return { line, column, endLine: Math.max(line, endLine), endColumn };
}
