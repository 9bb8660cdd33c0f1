// Plays scripts on a real process and on the simulator of its version; a difference is shrunk to the
// fewest lines that still show it.
import { expect } from 'vitest';
import { comparable, type Observed, type Recorded, type Setup } from './heap-driver.ts';
import type { RealDriver } from './real-driver.ts';
import { simulate } from './simulated-driver.ts';

/** Fails with the first difference; how many outcomes rest on bytes that are not modelled. */
export function compareScripts(
  real: RealDriver,
  setup: Setup,
  scripts: readonly (readonly string[])[],
): { readonly unknown: number } {
  const observed = real.run(setup, scripts);
  let unknown = 0;
  for (const [index, script] of scripts.entries()) {
    const trace = observed[index];
    if (trace === undefined) throw new Error('a trace is missing');
    const simulation = simulate(setup, script, trace.layout);
    if (simulation.end === 'unknown') unknown++;
    if (!differs(trace, simulation)) continue;
    const smallest = shrink(script, (candidate) => isDifferent(real, setup, candidate));
    const [again] = real.run(setup, [smallest]);
    if (again === undefined) throw new Error('a trace is missing');
    const simulated = simulate(setup, smallest, again.layout);
    const title = `${real.name}, script ${index}, shrunk:\n${smallest.join('\n')}`;
    expect(comparable(simulated), title).toEqual(comparable(again));
    throw new Error(`differs only in its first run: ${script.join('\n')}`);
  }
  return { unknown };
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

/** After a complete fatal report the interpreter flushes its streams, on the heap that is corrupt. */
function diedAfterReport(recorded: Observed, simulated: Observed): boolean {
  const isReport = simulated.end === 'abort' && simulated.stderr.includes('Fatal Python error: ');
  return isReport && recorded.end === 'segv' && !differs({ ...recorded, end: 'abort' }, simulated);
}

function isDifferent(driver: RealDriver, setup: Setup, script: readonly string[]): boolean {
  const trace: Recorded | undefined = driver.run(setup, [script])[0];
  return trace !== undefined && differs(trace, simulate(setup, script, trace.layout));
}

/** Leaves out ever smaller runs of lines as long as the difference stays. */
function shrink(
  script: readonly string[],
  isStillDifferent: (candidate: readonly string[]) => boolean,
): readonly string[] {
  let smallest = script;
  for (let run = Math.ceil(script.length / 2); run >= 1; run = Math.floor(run / 2)) {
    for (let from = 0; from < smallest.length; ) {
      const candidate = smallest.toSpliced(from, run);
      if (candidate.length > 0 && isStillDifferent(candidate)) smallest = candidate;
      else from += run;
    }
  }
  return smallest;
}
