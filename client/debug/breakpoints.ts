// The breakpoints that a client has set, as the replay understands them: lines that the path comes to, and blocks
// or bytes that are watched.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Timeline } from '../../simulator/timeline.ts';
import type { LineBreakpoint, Watch } from './replay-session.ts';

export class Breakpoints {
  #nextId = 1;
  /** By file of the path. */
  readonly #lines = new Map<string, readonly LineBreakpoint[]>();

  get lines(): readonly LineBreakpoint[] {
    return [...this.#lines.values()].flat();
  }

  /** Replaces those of one file; null: the path does not come to the file. Lines from 1. */
  setLines(
    timeline: Timeline,
    file: string | null,
    lines: readonly number[],
  ): readonly (Pick<DebugProtocol.Breakpoint, 'id' | 'verified' | 'message'> & {
    readonly line: number;
  })[] {
    const onPath = new Set(file === null ? [] : linesOnPath(timeline, file));
    const all = lines.map((line) => ({ id: this.#nextId++, line }));
    if (file !== null)
      this.#lines.set(
        file,
        all.map((each) => ({ ...each, file })),
      );
    return all.map(({ id, line }) =>
      onPath.has(line)
        ? { id, line, verified: true }
        : { id, line, verified: false, message: 'The flagged path does not come to this line.' },
    );
  }

  /** The watch for a `dataId` of `dataBreakpointInfo`; null: it is none. */
  watch(dataId: string, access: Watch['access'], timeline: Timeline): Watch | null {
    const bytes = /^bytes (\d{1,16}) (\d{1,10})$/.exec(dataId);
    if (bytes !== null) {
      const what = { kind: 'bytes', address: Number(bytes[1]), length: Number(bytes[2]) } as const;
      return { id: this.#nextId++, what, access };
    }
    const block = /^block ([^]+)$/.exec(dataId)?.[1];
    const last = timeline.frames.length - 1;
    const isKnown =
      timeline.view(last).blocks.some((each) => each.block === block) ||
      timeline.path.steps.some((step) => 'block' in step && step.block === block);
    return block === undefined || !isKnown
      ? null
      : { id: this.#nextId++, what: { kind: 'block', block }, access };
  }
}

/** In ascending order, from 1. */
export function linesOnPath({ path }: Timeline, file: string): readonly number[] {
  const lines = path.steps.flatMap(({ at }) => (at.file === file ? [at.line] : []));
  return [...new Set(lines)].toSorted((left, right) => left - right);
}
