// The simulator as a HeapDriver.
import { parseOps } from '../../simulator/op-script.ts';
import { Process } from '../../simulator/process.ts';
import { runOps } from '../../simulator/run-ops.ts';
import { type Layout, PORTABLE_LAYOUTS } from '../../simulator/start-state.ts';
import { RELEASE } from '../../simulator/target.ts';
import { WIRINGS } from '../../simulator/versions.ts';
import type { HeapDriver, Observed, Setup } from './heap-driver.ts';

export const simulatedDriver: HeapDriver = {
  name: 'simulator',
  run: (setup, scripts) => scripts.map((script) => simulate(setup, script)),
};

/** `layout`: a recorded process's; an invented one by default. */
export function simulate(setup: Setup, script: readonly string[], layout?: Layout): Observed {
  const process = layout === undefined ? invented(setup).clone() : begin(setup, layout);
  return runOps(process, parseOps(script));
}

function begin(setup: Setup, layout: Layout): Process {
  const target = { ...RELEASE, python: setup.python ?? RELEASE.python };
  const wiring = WIRINGS[setup.mode];
  return new Process(target, { state: setup.state, wiring, layout, explains: false });
}

const begun = new Map<string, Process>();

/** At its start, at invented addresses: the same for every script. */
function invented(setup: Setup): Process {
  const key = `${setup.python} ${setup.state} ${setup.mode}`;
  const known = begun.get(key);
  if (known !== undefined) return known;
  const process = begin(setup, PORTABLE_LAYOUTS[setup.state]);
  begun.set(key, process);
  return process;
}
