// The tool `verify_fix`: whether an edited text repairs a finding: the finding is gone, nothing is new, the text
// still parses and is analyzed as far as before, and the path replays clean where it can be carried over.
import * as v from 'valibot';
import type { Skipped } from '../check.ts';
import { loadParser } from '../cli/analyze.ts';
import { fingerprintsOf } from '../cli/formats/fingerprint.ts';
import { errorsIn } from '../cli/fix/fix-files.ts';
import type { Finding } from '../finding.ts';
import { replaysClean } from '../fixes/replays-clean.ts';
import { findingArguments, placeOf, text } from './arguments.ts';
import { carriedPath } from './carried-path.ts';
import { defineTool, type Tool } from './tool.ts';
import { placeWords, toldFinding } from './told-finding.ts';
import type { Workspace, WorkspaceCheck } from './workspace.ts';

const MAX_NEW = 20;

const input = v.strictObject({
  ...findingArguments,
  before: v.optional(
    v.pipe(text, v.description('The text with the finding. Default: the file on disk.')),
  ),
  after: v.pipe(text, v.description('The whole text of the file as it would be with the fix.')),
});

type Replay = 'clean' | 'not clean' | 'unknown';

export function verifyFixTool(workspace: Workspace): Tool {
  const { engine } = workspace.product;
  return defineTool({
    name: 'verify_fix',
    title: 'Verify a fix',
    description:
      'Holds an edited text against a finding, without writing anything: is the finding gone, is nothing new found, ' +
      'and is its path clean on the simulated heap? Call it before a repair is written to disk.',
    input,
    async run(named) {
      const { file, after } = named;
      const old = await workspace.examine({ file, text: named.before ?? null });
      const finding = workspace.findingIn(old, file, placeOf(named));
      const before = named.before ?? workspace.textOf(file);
      const fresh = await workspace.examine({ file, text: after });
      const own = (check: WorkspaceCheck): readonly Finding[] =>
        check.analysis.result.findings.filter(({ rule }) => rule === finding.rule);
      const gone = own(fresh).length < own(old).length;
      const added = addedFindings(old, fresh).filter((one) => workspace.isShown(one, fresh));
      const parser = await loadParser('auto', engine);
      const parses = errorsIn(after, file, parser) <= errorsIn(before, file, parser);
      const unseen = unseenFunctions(old, fresh);
      const replay = replayOf(finding, before, after);
      const isGood = gone && added.length === 0 && parses && unseen.length === 0;
      const verdict = isGood ? VERDICTS[replay] : 'not fixed';
      return {
        fixed: verdict === 'fixed',
        verdict,
        finding: { place: placeWords(finding), message: finding.message },
        gone,
        new: added.slice(0, MAX_NEW).map(toldFinding),
        parses,
        noLongerAnalyzed: unseen,
        replay: { simulated: true, ends: replay, note: REPLAY_NOTES[replay] },
      };
    },
  });
}

/** Of what is no longer found: an emptied file has no findings either. */
const VERDICTS = {
  clean: 'fixed',
  'not clean': 'not fixed',
  unknown: 'gone, not proven',
} satisfies Record<Replay, string>;

const REPLAY_NOTES = {
  clean: 'The path of the finding, with the edit, shows nothing wrong on the simulated heap.',
  'not clean': 'The path of the finding still goes wrong on the simulated heap.',
  unknown:
    'The edit changes more than which functions are called, so the path cannot be replayed: read whether the code still does its work.',
} satisfies Record<Replay, string>;

function replayOf(finding: Finding, before: string, after: string): Replay {
  const path = carriedPath(finding, before, after);
  if (path === null) return 'unknown';
  // What is none of the heap is clean from the start.
  if (path.steps.length === 0) return 'unknown';
  return replaysClean(path) ? 'clean' : 'not clean';
}

/** Findings of rules that are found more often in a file than before; of these, the lines that are new. */
function addedFindings(old: WorkspaceCheck, fresh: WorkspaceCheck): readonly Finding[] {
  const known = new Set(marksOf(old).values());
  const marks = marksOf(fresh);
  return fresh.analysis.result.findings.filter(
    (one) => countLike(one, fresh) > countLike(one, old) && !known.has(marks.get(one) ?? ''),
  );
}

function marksOf({ analysis }: WorkspaceCheck): ReadonlyMap<Finding, string> {
  return fingerprintsOf({ ...analysis, findings: analysis.result.findings, suppressed: [] });
}

function countLike({ rule, at }: Finding, { analysis }: WorkspaceCheck): number {
  const { findings } = analysis.result;
  return findings.filter((one) => one.rule === rule && one.at.file === at.file).length;
}

/** Where nothing is found because nothing is looked at. */
function unseenFunctions(old: WorkspaceCheck, fresh: WorkspaceCheck): readonly string[] {
  const known = new Set(old.analysis.skipped.map(nameOf));
  return fresh.analysis.skipped
    .filter((one) => !known.has(nameOf(one)))
    .map(({ function: name, reason }) => (name === null ? reason : `${name}: ${reason}`));
}

function nameOf({ file, function: name }: Skipped): string {
  return `${file}\0${name ?? ''}`;
}
