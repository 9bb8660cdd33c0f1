// The arguments that several tools take, with their bounds and the words that a client shows.
import * as v from 'valibot';
import type { FindingPlace, Subject } from './workspace.ts';

/** UTF-16 units of one text. */
export const MAX_TEXT = 1024 * 1024;
const MAX_PATH = 1000;

const described = <T extends v.GenericSchema<string>>(schema: T, text: string) =>
  v.pipe(schema, v.description(text));

export const path = v.pipe(
  v.string('must be a text'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(MAX_PATH, `must have at most ${MAX_PATH} characters`),
);

export const text = v.pipe(
  v.string('must be a text'),
  v.maxLength(
    MAX_TEXT,
    `must have at most ${MAX_TEXT} characters: write it to a file and name that`,
  ),
);

export const ruleName = described(path, 'A rule, such as mismatched-free.');

/** Which finding is meant. */
export const findingArguments = {
  file: described(path, 'A C file, relative to the working folder.'),
  line: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'counts from 1'),
      v.description(
        'The line of the finding, from 1; the nearest one is taken. Default: the first.',
      ),
    ),
  ),
  rule: v.optional(described(path, 'Only findings of this rule.')),
};

export const textInstead = v.optional(
  v.pipe(text, v.description('What to look at instead of the file on disk, which need not exist.')),
);

interface Named {
  readonly file: string;
  readonly line?: number | undefined;
  readonly rule?: string | undefined;
}

export function placeOf({ line, rule }: Named): FindingPlace {
  return { line: line ?? null, rule: rule ?? null };
}

export function subjectOf({
  file,
  text: own,
}: Named & { readonly text?: string | undefined }): Subject {
  return { file, text: own ?? null };
}
