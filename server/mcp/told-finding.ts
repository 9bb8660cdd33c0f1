// A finding as the tools tell it: the words and places of the JSON format, without what only the simulator reads.
import { jsonFinding } from '../cli/formats/json.ts';
import type { Finding } from '../finding.ts';

/** Notes of one path; the last ones tell most. */
const MAX_NOTES = 40;

export function toldFinding(finding: Finding): Readonly<Record<string, unknown>> {
  const { flaggedPath: _, path, ...told } = jsonFinding(finding);
  return { ...told, path: path.slice(-MAX_NOTES) };
}

/** On one line, for lists and messages. */
export function placeWords({ at, rule }: Finding): string {
  return `${rule} at ${at.file}:${at.line}:${at.column}`;
}
