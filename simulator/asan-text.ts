// What AddressSanitizer, with LeakSanitizer, prints of a finding: the lines of GCC 12's libasan, as measured.
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

const NAME = 'AddressSanitizer';
const SILENT = { kind: null, lines: [], notes: [] } as const;

export function asanText(finding: ToolFinding): ToolText {
  switch (finding.kind) {
    case 'bad release':
      return badRelease(finding);
    case 'bad access':
      return badAccess(finding);
    case 'leak':
      return leak(finding);
    case 'stopped':
      return finding.signal === 'SIGSEGV' ? segv() : SILENT;
    case 'hooks look':
    case 'nothing':
    case 'unknown':
      return SILENT;
  }
}

function badRelease(finding: Extract<ToolFinding, { kind: 'bad release' }>): ToolText {
  const { at, call, target, history } = finding;
  const isDouble = target.kind === 'freed chunk';
  const kind = isDouble ? 'double-free' : 'bad-free';
  const what = isDouble
    ? `attempting double-free on ${ADDRESS} in thread T0:`
    : `attempting free on address which was not malloc()-ed: ${ADDRESS} in thread T0`;
  const lines = [
    error(NAME, what),
    ...stack(callFrame({ step: at, watched: call })),
    '',
    ...whereLines(target, history),
    '',
    `SUMMARY: ${NAME}: ${kind} \u2026 in ${call}`,
  ];
  return { kind, lines, notes: otherWords(target, call) };
}

/** It takes the bytes before the pointer for the header of its own allocator. */
function otherWords(target: ReleaseTarget, call: string): readonly string[] {
  if (target.kind !== 'pool') return [];
  return [
    `It looks for its own header in the 16 bytes before the pointer: where the first of them is 2, it says "alloc-dealloc-mismatch (INVALID vs free)" instead, at the same ${call}.`,
  ];
}

function whereLines(target: ReleaseTarget, history: History): readonly string[] {
  switch (target.kind) {
    case 'freed chunk':
      return region(target.chunk, '0 bytes inside', history, true);
    case 'inside chunk':
      return region(target.chunk, `${numberText(target.offset)} bytes inside`, history, false);
    case 'pool':
      return [
        `Address ${ADDRESS} is a wild pointer inside of access range of size 0x000000000001.`,
      ];
    case 'stack':
      return [`Address ${ADDRESS} is located in stack of thread T0 at offset ? in frame`];
    case 'static':
      return [
        `${ADDRESS} is located ${numberText(target.offset)} bytes inside of global variable '${target.name ?? '\u2026'}' \u2026`,
      ];
  }
}

function badAccess(finding: Extract<ToolFinding, { kind: 'bad access' }>): ToolText {
  const { at, access, size, chunk, offset, isFreed, history } = finding;
  const kind = isFreed ? 'heap-use-after-free' : 'heap-buffer-overflow';
  const lines = [
    error(NAME, `${kind} on address ${ADDRESS} at pc ${ADDRESS} bp ${ADDRESS} sp ${ADDRESS}`),
    `${access.toUpperCase()} of size ${numberText(size)} at ${ADDRESS} thread T0`,
    ...stack(ownFrame(at)),
    '',
    ...region(chunk, distance(chunk, offset), history, isFreed),
    '',
    `SUMMARY: ${NAME}: ${kind} \u2026${ownFrame(at).place} in \u2026`,
  ];
  return { kind, lines, notes: [] };
}

function distance(chunk: Chunk, offset: number | null): string {
  if (offset !== null && offset < 0) return `${-offset} bytes to the left`;
  if (offset !== null && offset >= chunk.size)
    return chunk.isChosen ? '? bytes \u2026' : `${offset - chunk.size} bytes to the right`;
  return `${numberText(offset)} bytes inside`;
}

function region(
  chunk: Chunk,
  where: string,
  { made, released }: History,
  isFreed: boolean,
): readonly string[] {
  return [
    `${ADDRESS} is located ${where} of ${numberText(sizeOf(chunk))}-byte region [${ADDRESS},${ADDRESS})`,
    ...(isFreed && released !== null
      ? ['freed by thread T0 here:', ...stack(callFrame(released)), '']
      : []),
    `${isFreed ? 'previously allocated' : 'allocated'} by thread T0 here:`,
    ...stack(callFrame(made)),
  ];
}

function leak({ chunk, history }: Extract<ToolFinding, { kind: 'leak' }>): ToolText {
  const size = numberText(sizeOf(chunk));
  const lines = [
    error('LeakSanitizer', 'detected memory leaks'),
    '',
    `Direct leak of ${size} byte(s) in 1 object(s) allocated from:`,
    ...stack(callFrame(history.made)),
    '',
    `SUMMARY: ${NAME}: ${size} byte(s) leaked in 1 allocation(s).`,
  ];
  return {
    kind: 'memory leak',
    lines,
    notes: ['Leaks are told when the interpreter ends in order.'],
  };
}

function segv(): ToolText {
  const lines = [
    error(NAME, `SEGV on unknown address \u2026`),
    '',
    `SUMMARY: ${NAME}: SEGV \u2026`,
  ];
  return { kind: 'SEGV', lines, notes: [] };
}

function error(tool: string, text: string): string {
  return `==PID==ERROR: ${tool}: ${text}`;
}

function stack({ watched, isDirect, place }: StackFrame): readonly string[] {
  const own = `${ADDRESS} in \u2026 ${place}`;
  if (watched === null) return [`    #0 ${own}`];
  return [`    #0 ${ADDRESS} in ${watched} \u2026`, `    #${isDirect ? '1' : 'n'} ${own}`];
}
