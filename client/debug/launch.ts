// What a debug session is started with: a finding's path as it is, or a file that one was saved to; and what
// to replay it on. Says in one sentence what is wrong with it.
import * as v from 'valibot';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { replay } from '../../simulator/replay.ts';
import { BUILDS, LIBCS, PYTHONS, usualPython, usualTargets } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { bestTarget } from '../../simulator/verdict.ts';
import { locate } from './source-files.ts';

/** The attributes of a launch configuration. */
export const LAUNCH = v.object({
  /** A file with a flagged path as JSON: a path, a URI, or relative to `sourceRoot`. */
  path: v.optional(v.string()),
  /** The flagged path itself, instead of `path`. */
  flaggedPath: v.optional(v.unknown()),
  /** A finding as `encodedFinding` makes it, instead of either. */
  finding: v.optional(v.string()),
  title: v.optional(v.string()),
  build: v.optional(v.picklist(BUILDS)),
  python: v.optional(v.picklist(PYTHONS)),
  libc: v.optional(v.picklist(LIBCS)),
  stopOnEntry: v.optional(v.boolean(), true),
  /** The folder that relative file names of the path are in. */
  sourceRoot: v.optional(v.string()),
});

export type LaunchArguments = v.InferOutput<typeof LAUNCH>;

export interface Launched {
  readonly timeline: Timeline;
  readonly title: string;
}

/** Throws an Error whose message is one sentence. `readText` may reject. */
export async function launch(
  args: LaunchArguments,
  readText: (file: string) => Promise<string>,
): Promise<Launched> {
  const found = await wanted(args, readText);
  const path = readFlaggedPath(found.path);
  const { target } = bestTarget(path, usualTargets(args.python ?? usualPython(null)));
  const { build = target.build, libc = target.libc } = args;
  const timeline = replay(path, { ...target, build, libc });
  const title = args.title ?? found.title ?? path.rule;
  return { timeline, title };
}

/** A finding's path and message as text in which an editor finds no variables to expand. */
export function encodedFinding(finding: {
  readonly path: FlaggedPath;
  readonly title: string;
}): string {
  return encodeURIComponent(JSON.stringify(finding));
}

interface Found {
  readonly path: unknown;
  readonly title: string | null;
}

async function wanted(
  { finding, flaggedPath, path, sourceRoot }: LaunchArguments,
  readText: (file: string) => Promise<string>,
): Promise<Found> {
  if (finding !== undefined) return parsed('finding', () => decodeURIComponent(finding));
  if (flaggedPath !== undefined) return { path: flaggedPath, title: null };
  if (path === undefined || path.trim() === '')
    throw new Error(
      'There is no path to replay: set "path" to the JSON file of a flagged path, or use Debug Simulated Crash on a finding.',
    );
  const text = await readText(locate(path, sourceRoot));
  return parsed(path, () => text);
}

function parsed(name: string, text: () => string): Found {
  try {
    return savedPath(JSON.parse(text()));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} is not JSON: ${reason}`, { cause: error });
  }
}

/** A flagged path alone, or inside of a finding as `check --format json` prints it. */
function savedPath(value: unknown): Found {
  const fields = asRecord(value);
  const path = asRecord(fields?.['flaggedPath']) ?? asRecord(fields?.['path']) ?? value;
  const title = fields?.['message'] ?? fields?.['title'];
  return { path, title: typeof title === 'string' ? title : null };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}
