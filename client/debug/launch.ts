// What a debug session is started with: a finding's path as it is, or a file that one was saved to; and what
// to replay it on. Says in one sentence what is wrong with it.
import * as v from 'valibot';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { replay } from '../../simulator/replay.ts';
import { BUILDS, LIBCS, PYTHONS } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { bestTarget } from '../../simulator/verdict.ts';

/** The attributes of a launch configuration. */
export const LAUNCH = v.object({
  /** A file with a flagged path as JSON: a path, a URI, or relative to `sourceRoot`. */
  path: v.optional(v.string()),
  /** The flagged path itself, instead of `path`. */
  flaggedPath: v.optional(v.unknown()),
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
  const found =
    args.flaggedPath === undefined ? await readSaved(args, readText) : { path: args.flaggedPath };
  const path = readFlaggedPath(found.path);
  const { target } = bestTarget(path);
  const { build = target.build, python = target.python, libc = target.libc } = args;
  const timeline = replay(path, { ...target, build, python, libc });
  const title = args.title ?? ('title' in found ? found.title : null) ?? path.rule;
  return { timeline, title };
}

interface Saved {
  readonly path: unknown;
  readonly title: string | null;
}

async function readSaved(
  { path: file }: LaunchArguments,
  readText: (file: string) => Promise<string>,
): Promise<Saved> {
  if (file === undefined || file.trim() === '')
    throw new Error(
      'There is no path to replay: set "path" to the JSON file of a flagged path, or use Debug Simulated Crash on a finding.',
    );
  const text = await readText(file);
  try {
    return savedPath(JSON.parse(text));
  } catch (error) {
    throw new Error(
      `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** A flagged path alone, or inside of a finding as `check --format json` prints it. */
function savedPath(value: unknown): Saved {
  const fields = asRecord(value);
  const path = asRecord(fields?.['flaggedPath']) ?? asRecord(fields?.['path']) ?? value;
  const title = fields?.['message'] ?? fields?.['title'];
  return { path, title: typeof title === 'string' ? title : null };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}
