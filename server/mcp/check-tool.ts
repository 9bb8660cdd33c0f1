// The tool `check`: what the linter says of files and folders, or of one text.
import * as v from 'valibot';
import { UsageError } from '../cli/exit.ts';
import { path, text } from './arguments.ts';
import { defineTool, type Tool } from './tool.ts';
import { toldFinding } from './told-finding.ts';
import type { Workspace } from './workspace.ts';

const MOST = 200;
const USUAL = 50;
const MAX_PATHS = 100;
const MAX_NOTES = 50;

const input = v.strictObject({
  paths: v.optional(
    v.pipe(
      v.array(path, 'must be a list'),
      v.minLength(1, 'must name something'),
      v.maxLength(MAX_PATHS, `must name at most ${MAX_PATHS}: name a folder`),
      v.description(
        'Files, folders and globs, relative to the working folder. Default: all of it.',
      ),
    ),
  ),
  text: v.optional(v.pipe(text, v.description('C source to check instead of files.'))),
  file: v.optional(
    v.pipe(path, v.description('The name of the text; need not exist. Default: snippet.c.')),
  ),
  limit: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(MOST, `must be at most ${MOST}`),
      v.description(`How many findings to tell. Default: ${USUAL}.`),
    ),
  ),
});

export function checkTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'check',
    title: 'Check C extension code',
    description:
      'Finds memory that CPython C extensions release with a function of another allocator family, and other heap ' +
      'defects. Takes paths below the working folder, or one text. Each finding has its path and, where one is ' +
      'sure, fixes as edits.',
    input,
    async run({ paths, text: source, file, limit = USUAL }) {
      if (paths !== undefined && source !== undefined)
        throw new UsageError("Give either 'paths' or 'text'.");
      if (file !== undefined && source === undefined)
        throw new UsageError("'file' names the 'text': give that too, or use 'paths'.");
      const { analysis } =
        source === undefined
          ? await workspace.checkPaths(paths ?? ['.'])
          : await workspace.checkText(file ?? 'snippet.c', source);
      const { findings, stats } = analysis.result;
      return {
        findings: findings.slice(0, limit).map(toldFinding),
        total: findings.length,
        suppressed: analysis.suppressed.length,
        files: stats.files,
        notes: analysis.notes.slice(0, MAX_NOTES),
      };
    },
  });
}
