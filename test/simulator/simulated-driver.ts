// The simulator as a HeapDriver.
import { parseOps } from '../../simulator/op-script.ts';
import { Process } from '../../simulator/process.ts';
import { runOps } from '../../simulator/run-ops.ts';
import type { Layout } from '../../simulator/start-state.ts';
import { RELEASE } from '../../simulator/target.ts';
import { WIRINGS } from '../../simulator/versions.ts';
import type { HeapDriver, Observed, Setup } from './heap-driver.ts';

export const simulatedDriver: HeapDriver = {
  name: 'simulator',
  run: (setup, scripts) => scripts.map((script) => simulate(setup, script)),
};

/** `layout`: a recorded process's; an invented one by default. */
export function simulate(setup: Setup, script: readonly string[], layout?: Layout): Observed {
  const init = { state: setup.state, wiring: WIRINGS[setup.mode], explains: false };
  const target = { ...RELEASE, python: setup.python ?? RELEASE.python };
  const process = new Process(target, layout === undefined ? init : { ...init, layout });
  return runOps(process, parseOps(script));
}
