// Plays scripts on a real process and on the simulator of its version; a difference is shrunk to the
// fewest lines that still show it.
import { type Layout, PORTABLE_LAYOUTS } from '../../simulator/start-state.ts';
import { comparable, type Observed, type Recorded, type Setup } from './heap-driver.ts';
import type { RealDriver } from './real-driver.ts';
import { simulate } from './simulated-driver.ts';

export interface Comparison {
  /** Outcomes that rest on bytes that are not modelled. */
  readonly unknown: number;
  /** Scripts whose outcome was also foretold without the constants of the process. */
  readonly portable: number;
  /** The first script on which the heaps disagree; null when there is none. */
  readonly disagreement: Disagreement | null;
}

export interface Disagreement {
  /** What was compared: `every address and all of standard error`, `the outcome, without ...`. */
  readonly compared: string;
  /** The fewest lines that still show it. */
  readonly script: readonly string[];
  readonly real: Observed;
  readonly simulated: Observed;
}

/** One way of foretelling what a recorded process did. */
interface Check {
  readonly compared: string;
  readonly simulate: (script: readonly string[], recorded: Recorded) => Observed;
  /** What of both must be equal. */
  readonly view: (observed: Observed) => Observed;
  readonly differs: (recorded: Recorded, simulated: Observed) => boolean;
}

/** `portable`: also without the constants, for scripts that write only where they may. */
export function compareScripts(
  real: RealDriver,
  setup: Setup,
  scripts: readonly (readonly string[])[],
  { portable = false }: { readonly portable?: boolean } = {},
): Comparison {
  const checks = [exact(setup), ...(portable ? [withoutConstants(setup)] : [])];
  const observed = real.run(setup, scripts);
  let unknown = 0;
  for (const [index, script] of scripts.entries()) {
    const trace = observed[index];
    if (trace === undefined) throw new Error('a trace is missing');
    for (const check of checks) {
      const simulated = check.simulate(script, trace);
      if (simulated.end === 'unknown') unknown++;
      if (!check.differs(trace, simulated)) continue;
      const found = { script, recorded: trace, simulated };
      return { unknown, portable: 0, disagreement: shrunk(real, setup, found, check) };
    }
  }
  return { unknown, portable: portable ? scripts.length : 0, disagreement: null };
}

/** Given where things lie in the process: every address, and all of standard error. */
function exact(setup: Setup): Check {
  return {
    compared: 'every address, how it ended and all of standard error',
    simulate: (script, { layout }) => simulate(setup, script, layout),
    view: comparable,
    differs,
  };
}

function withoutConstants(setup: Setup): Check {
  return {
    compared: 'addresses and outcome, without the constants of the process',
    simulate: (script, { layout }) =>
      simulate(setup, script, withGeometry(PORTABLE_LAYOUTS[setup.state], layout)),
    view: outcome,
    differs: (recorded, simulated) =>
      !(simulated.end === 'segv' && WILD_ARENA_IS_MAPPED.has(recorded.stderr)) &&
      JSON.stringify(outcome(simulated)) !== JSON.stringify(outcome(recorded)),
  };
}

/**
 * The arena of a block that claims NON_MAIN_ARENA is read from a wild address. In about one process of 75
 * that is mapped; what is then said of the block's size. malloc.c of glibc 2.36: _int_free, _int_realloc.
 */
const WILD_ARENA_IS_MAPPED: ReadonlySet<string> = new Set([
  'free(): invalid size\n',
  'realloc(): invalid old size\n',
]);

/** The invented addresses, with as much heap in use and as much left as the real process had. */
function withGeometry(portable: Layout, recorded: Layout): Layout {
  const { heapStart } = portable;
  const top = recorded.top === 0 ? 0 : heapStart + recorded.top - recorded.heapStart;
  return { ...portable, top, brk: heapStart + recorded.brk - recorded.heapStart };
}

/** No contents, and of standard error the message alone: both may show bytes of pointers. */
function outcome({ values, end, stderr, lastOp }: Observed): Observed {
  const message = /Fatal Python error: .*/.exec(stderr)?.[0] ?? (end === 'abort' ? stderr : '');
  const addresses = values.filter(([, text]) => !text.startsWith('sum '));
  return { values: addresses, end, lastOp, stderr: message };
}

/**
 * The simulator says `unknown` when the outcome rests on bytes that it does not model: libc's data behind
 * main_arena, the interpreter's part of the heap. That is an answer, not an error.
 */
function differs(recorded: Observed, simulated: Observed): boolean {
  if (simulated.end === 'unknown') return !isPrefix(simulated.values, recorded.values);
  if (diedAfterReport(recorded, simulated)) return false;
  return JSON.stringify(comparable(simulated)) !== JSON.stringify(comparable(recorded));
}

function isPrefix(start: Observed['values'], whole: Observed['values']): boolean {
  return JSON.stringify(start) === JSON.stringify(whole.slice(0, start.length));
}

/**
 * After a complete fatal report the interpreter flushes its streams and shows its threads, on the heap that
 * is corrupt: it may die of that, and say so.
 */
function diedAfterReport(recorded: Observed, simulated: Observed): boolean {
  const { end, stderr } = simulated;
  if (end !== 'abort' || !stderr.includes('Fatal Python error: ')) return false;
  const { stderr: whole } = comparable(recorded);
  const isMore = recorded.end === 'segv' || whole.length > stderr.length;
  const before = { ...recorded, end, stderr: whole.slice(0, comparable(simulated).stderr.length) };
  return isMore && !differs(before, simulated);
}

/** A script on which both heaps differed, and what each did: another process may do something else. */
interface Difference {
  readonly script: readonly string[];
  readonly recorded: Recorded;
  readonly simulated: Observed;
}

function shrunk(
  real: RealDriver,
  setup: Setup,
  found: Difference,
  { compared, simulate: foretell, view, differs: isDifferent }: Check,
): Disagreement {
  const { script, recorded, simulated } = shrink(found, (candidate) => {
    const [trace] = real.run(setup, [candidate]);
    if (trace === undefined) throw new Error('a trace is missing');
    const foretold = foretell(candidate, trace);
    if (!isDifferent(trace, foretold)) return null;
    return { script: candidate, recorded: trace, simulated: foretold };
  });
  return { compared, script, real: view(recorded), simulated: view(simulated) };
}

/** Leaves out ever smaller runs of lines as long as a difference stays. */
function shrink(
  found: Difference,
  differenceOn: (candidate: readonly string[]) => Difference | null,
): Difference {
  let smallest = found;
  for (let run = Math.ceil(found.script.length / 2); run >= 1; run = Math.floor(run / 2)) {
    for (let from = 0; from < smallest.script.length; ) {
      const candidate = smallest.script.toSpliced(from, run);
      const smaller = candidate.length > 0 ? differenceOn(candidate) : null;
      if (smaller === null) from += run;
      else smallest = smaller;
    }
  }
  return smallest;
}

/** For a terminal: the script, then what differs line by line. */
export function disagreementText(name: string, found: Disagreement): string {
  const [real, simulated] = [linesOf(found.real), linesOf(found.simulated)];
  return [
    `${name}: real process and simulator differ (${found.compared}). Shrunk:`,
    ...found.script.map((line) => `  ${line}`),
    'only the real process:',
    ...real.filter((line) => !simulated.includes(line)),
    'only the simulator:',
    ...simulated.filter((line) => !real.includes(line)),
  ].join('\n');
}

function linesOf({ values, end, stderr, lastOp }: Observed): readonly string[] {
  return [
    ...values.map(([op, text]) => `  op ${op}: ${text}`),
    `  ends: ${end} at op ${lastOp}`,
    ...stderr.split('\n').map((line) => `  | ${line}`),
  ];
}
