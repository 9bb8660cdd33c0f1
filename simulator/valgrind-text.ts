// What Valgrind's memcheck prints of a finding, with --leak-check=full: the lines of Valgrind 3.19, as measured.
import {
  ADDRESS,
  callFrame,
  numberText,
  ownFrame,
  sizeOf,
  type StackFrame,
} from './tool-frames.ts';
import type { Chunk, History, ReleaseTarget, ToolFinding } from './tool-finding.ts';
import type { ToolText } from './tool-report.ts';

const SILENT = { kind: null, lines: [], notes: [] } as const;
const GOES_ON = 'Valgrind goes on after this; what it says later is not shown.';

export function valgrindText(finding: ToolFinding): ToolText {
  switch (finding.kind) {
    case 'bad release':
      return badRelease(finding);
    case 'bad access':
    case 'hooks look':
      return badAccess(finding);
    case 'leak':
      return leak(finding);
    case 'stopped':
      return finding.signal === null ? SILENT : terminating(finding.signal);
    case 'nothing':
    case 'unknown':
      return SILENT;
  }
}

function badRelease(finding: Extract<ToolFinding, { kind: 'bad release' }>): ToolText {
  const kind = 'Invalid free() / delete / delete[] / realloc()';
  const { at, call, target, history } = finding;
  const lines = [
    kind,
    ...stack(callFrame({ step: at, watched: call })),
    ...whereLines(target, history),
  ];
  return { kind, lines: lines.map(prefixed), notes: [GOES_ON] };
}

function whereLines(target: ReleaseTarget, history: History): readonly string[] {
  switch (target.kind) {
    case 'freed chunk':
      return block(target.chunk, '0 bytes inside', history, true);
    case 'inside chunk':
      return block(target.chunk, `${numberText(target.offset)} bytes inside`, history, false);
    case 'pool':
      return [` Address ${ADDRESS} is in a rw- anonymous segment`];
    case 'stack':
      return [` Address ${ADDRESS} is on thread 1's stack`];
    case 'static': {
      if (target.name === null) return [];
      const offset = numberText(target.offset);
      return [` Address ${ADDRESS} is ${offset} bytes inside data symbol "${target.name}"`];
    }
  }
}

function badAccess(finding: Extract<ToolFinding, { kind: 'bad access' | 'hooks look' }>): ToolText {
  const isHook = finding.kind === 'hooks look';
  const { at, chunk, offset, isFreed, history } = finding;
  const kind = isHook
    ? 'Invalid read of size 1'
    : `Invalid ${finding.access} of size ${numberText(finding.size)}`;
  const lines = [
    kind,
    ...(isHook ? insideLibrary(ownFrame(at)) : stack(ownFrame(at))),
    ...block(chunk, distance(chunk, offset), history, isFreed),
  ];
  const notes = isHook
    ? ['It is the debug hooks that read there; they then print their own report.', GOES_ON]
    : [GOES_ON];
  return { kind, lines: lines.map(prefixed), notes };
}

function distance(chunk: Chunk, offset: number | null): string {
  if (offset !== null && offset < 0) return `${grouped(-offset)} bytes before`;
  if (offset !== null && offset >= chunk.size)
    return chunk.isChosen ? '? bytes \u2026' : `${grouped(offset - chunk.size)} bytes after`;
  return `${grouped(offset)} bytes inside`;
}

function block(
  chunk: Chunk,
  where: string,
  { made, released }: History,
  isFreed: boolean,
): readonly string[] {
  const allocated = stack(callFrame(made));
  const address = ` Address ${ADDRESS} is ${where} a block of size ${grouped(sizeOf(chunk))}`;
  if (!isFreed) return [`${address} alloc'd`, ...allocated];
  return [
    `${address} free'd`,
    ...(released === null ? [] : stack(callFrame(released))),
    " Block was alloc'd at",
    ...allocated,
  ];
}

function leak({ chunk, history }: Extract<ToolFinding, { kind: 'leak' }>): ToolText {
  const lines = [
    `${grouped(sizeOf(chunk))} bytes in 1 blocks are definitely lost in loss record \u2026`,
    ...stack(callFrame(history.made)),
  ];
  const notes = ['With --leak-check=full, when the process ends.'];
  return { kind: 'definitely lost', lines: lines.map(prefixed), notes };
}

function terminating(signal: 'SIGABRT' | 'SIGSEGV'): ToolText {
  const number = signal === 'SIGABRT' ? 6 : 11;
  const line = `Process terminating with default action of signal ${number} (${signal})`;
  // A page that is not mapped is an invalid access before it is a signal.
  const access = [
    `Invalid \u2026 of size ?`,
    ` Address ${ADDRESS} is not stack'd, malloc'd or (recently) free'd`,
  ];
  const lines = signal === 'SIGSEGV' ? [...access, line] : [line];
  return { kind: signal, lines: lines.map(prefixed), notes: [] };
}

function prefixed(line: string): string {
  return `==PID== ${line}`;
}

function stack(frame: StackFrame): readonly string[] {
  const { watched, place } = frame;
  if (watched === null) return [`   at ${ADDRESS}: \u2026 (${place})`];
  return [`   at ${ADDRESS}: ${watched} (\u2026)`, `   by ${ADDRESS}: \u2026 (${place})`];
}

function insideLibrary({ place }: StackFrame): readonly string[] {
  return [`   at ${ADDRESS}: \u2026`, `   by ${ADDRESS}: \u2026 (${place})`];
}

/** `5,000`, as it prints numbers. */
function grouped(value: number | null): string {
  return value === null ? '?' : value.toLocaleString('en-US');
}
