// toolReport(path, target, tool): what AddressSanitizer or Valgrind would print of a flagged path, or that it says
// nothing and why. Simulated, from the replay; the tools' words and habits were measured with GCC 12's libasan and
// Valgrind 3.19 on CPython 3.11, and a test holds them to it.
import { asanText } from './asan-text.ts';
import { chosenSize, OTHER_SIZES, withChosenSize } from './chosen-sizes.ts';
import type { FlaggedPath } from './flagged-path.ts';
import { readFlaggedPath } from './read-path.ts';
import { runPath } from './run-path.ts';
import { MODEL, type Target, targetName } from './target.ts';
import type { Tool, ToolFinding } from './tool-finding.ts';
import { toolFinding } from './tool-walk.ts';
import { valgrindText } from './valgrind-text.ts';

export const TOOLS = ['asan', 'valgrind'] as const satisfies readonly Tool[];

export const TOOL_NAMES: Readonly<Record<Tool, string>> = {
  asan: 'AddressSanitizer',
  valgrind: 'Valgrind',
};

/** In the tool's own words. What only a run decides is `?` for a number and an ellipsis for the rest. */
export interface ToolText {
  /** The name that the tool has for it; null: it prints nothing. */
  readonly kind: string | null;
  /** The first thing that it prints. */
  readonly lines: readonly string[];
  readonly notes: readonly string[];
}

export interface ToolReport extends ToolText {
  readonly tool: Tool;
  readonly target: Target;
  /** `simulated: AddressSanitizer on CPython 3.11, …`. Every text that leaves the product carries it. */
  readonly model: string;
  /** report: the lines. nothing: and why. stopped: another check ends the process first. unknown: was not measured. */
  readonly says: 'report' | 'nothing' | 'stopped' | 'unknown';
  /** One sentence. */
  readonly summary: string;
}

/** Throws an Error with one sentence when the value is not a flagged path; never otherwise. */
export function toolReport(value: FlaggedPath, target: Target, tool: Tool): ToolReport {
  const path = readFlaggedPath(value);
  const run = runPath(path, target, { keeping: 'every frame', before: 'usual' });
  const finding = toolFinding(path, run, tool);
  const text = tool === 'asan' ? asanText(finding) : valgrindText(finding);
  const summary = summaryOf(finding, text, TOOL_NAMES[tool]);
  return {
    ...text,
    notes: [
      ...text.notes,
      ...stackNotes(finding, tool, text),
      ...sizeNotes(path, target, tool, summary),
    ],
    tool,
    target,
    model: `simulated: ${TOOL_NAMES[tool]} on ${targetName(target)} (model ${MODEL})`,
    says: saysOf(finding),
    summary,
  };
}

function saysOf({ kind }: ToolFinding): ToolReport['says'] {
  return kind === 'unknown' || kind === 'nothing' || kind === 'stopped' ? kind : 'report';
}

function summaryOf(finding: ToolFinding, { kind }: ToolText, name: string): string {
  switch (finding.kind) {
    case 'nothing':
      return `${name} says nothing: ${finding.why.join('; ')}.`;
    case 'unknown':
      return `What ${name} says is not simulated: ${finding.why}.`;
    case 'stopped':
      if (finding.signal === 'SIGSEGV')
        return `The process dies of SIGSEGV ${finding.why.replace(/\.$/, '')}. ${name} reports the signal.`;
      return `Another check comes first: ${finding.why.replace(/\.$/, '')}. ${stoppedText(finding.signal, name)}`;
    case 'bad release':
    case 'bad access':
    case 'hooks look':
    case 'leak':
      return `${name} reports: ${kind ?? ''}.`;
  }
}

function stoppedText(signal: 'SIGABRT' | 'SIGSEGV' | null, name: string): string {
  if (signal === null)
    return `${name} adds a report of SIGSEGV where the hooks' own report runs into memory that is not mapped, which is usual.`;
  return signal === 'SIGABRT' && name === TOOL_NAMES.asan
    ? `${name} adds nothing to an abort.`
    : `${name} reports the signal.`;
}

/** A block that the source gives no size lies in a pool, or does not. */
function sizeNotes(
  path: FlaggedPath,
  target: Target,
  tool: Tool,
  summary: string,
): readonly string[] {
  const chosen = chosenSize(path);
  const [other] = OTHER_SIZES;
  if (chosen === null || chosen >= other) return [];
  const larger = toolReport(withChosenSize(path, other), target, tool).summary;
  if (larger === summary) return [];
  return [
    `The source does not fix the size of the block: ${chosen} bytes are taken. With ${other}: ${larger}`,
  ];
}

/** Stacks that go through CPython's functions are cut where these keep no frame pointer. */
function stackNotes(finding: ToolFinding, tool: Tool, { lines }: ToolText): readonly string[] {
  const history = 'history' in finding ? [finding.history.made, finding.history.released] : [];
  const isThroughPython = history.some(
    (call) => call !== null && 'family' in call.step && call.step.family !== 'libc',
  );
  const isShown = lines.some((line) => line.includes('allocated'));
  if (tool !== 'asan' || !isThroughPython || !isShown) return [];
  return [
    'The stack of an allocation through CPython may end before the line of the path; ASAN_OPTIONS=fast_unwind_on_malloc=0 shows it.',
  ];
}
