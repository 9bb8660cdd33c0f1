// The tool `replay`: what a finding does on the simulated heap. Everything it gives says that it is simulated.
import { resolve } from 'node:path';
import * as v from 'valibot';
import { replay } from '../../simulator/replay.ts';
import { BUILDS, DEBUG, LIBCS, PYTHONS, RELEASE } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { verdictLines } from '../../simulator/verdict-text.ts';
import { targetsFor, verdictOf } from '../../simulator/verdict.ts';
import { UsageError } from '../cli/exit.ts';
import type { Finding } from '../finding.ts';
import { findingArguments, placeOf, subjectOf, textInstead } from './arguments.ts';
import { defineTool, type Tool } from './tool.ts';
import { placeWords } from './told-finding.ts';
import type { Workspace } from './workspace.ts';

/** Steps of a path that is replayed while a client waits. */
const MAX_STEPS = 400;
const MAX_FRAMES = 100;

const input = v.strictObject({
  ...findingArguments,
  text: textInstead,
  build: v.optional(v.picklist(BUILDS, `must be one of ${BUILDS.join(', ')}`)),
  python: v.optional(v.picklist(PYTHONS, `must be one of ${PYTHONS.join(', ')}`)),
  libc: v.optional(v.picklist(LIBCS, `must be one of ${LIBCS.join(', ')}`)),
});

export function replayTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'replay',
    title: 'Replay a finding on a simulated heap',
    description:
      'Runs the path of a finding on a byte-exact simulation of glibc malloc and pymalloc: how it ends on each build ' +
      'and version of CPython, the text a crash would print, and each step. Simulated: no process is run.',
    input,
    async run({ build, python = RELEASE.python, libc = RELEASE.libc, ...named }) {
      const check = await workspace.examine(subjectOf(named));
      const finding = workspace.findingIn(check, named.file, placeOf(named));
      const path = replayable(finding);
      const builds = build === undefined ? [RELEASE.build, DEBUG.build] : [build];
      const replays = builds.map((each) =>
        told(replay(path, { ...RELEASE, build: each, python, libc })),
      );
      const settings = check.project.settingsOf(resolve(workspace.cwd, finding.at.file));
      const matrix = verdictOf(path, targetsFor(settings.targets));
      return {
        simulated: true,
        model: matrix.model,
        finding: { place: placeWords(finding), message: finding.message },
        verdict: verdictLines(matrix),
        replays,
      };
    },
  });
}

function replayable({ flaggedPath, ...finding }: Finding): Finding['flaggedPath'] {
  const { length } = flaggedPath.steps;
  if (length === 0)
    throw new UsageError(`${finding.rule} shows nothing on a heap: ask explain for the finding.`);
  if (length > MAX_STEPS)
    throw new UsageError(`The path has ${length} steps: at most ${MAX_STEPS} are replayed.`);
  return flaggedPath;
}

function told({
  model,
  outcome,
  frames,
  assumptions,
}: Timeline): Readonly<Record<string, unknown>> {
  const { verdict, ending, fault, summary, frame } = outcome;
  return {
    model,
    verdict,
    ending,
    summary,
    crash:
      fault === null
        ? null
        : { signal: fault.signal, text: `simulated: ${fault.text}`, reason: fault.reason },
    shownAtStep: frame,
    steps: frames.slice(0, MAX_FRAMES).map(({ title, notes }) => ({ title, notes })),
    assumptions,
  };
}
