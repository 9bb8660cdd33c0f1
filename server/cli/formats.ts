// Every output format by its name on the command line.
import { formatConcise } from './format-concise.ts';
import { formatJson } from './format-json.ts';
import { formatSarif } from './format-sarif.ts';
import { formatText } from './format-text.ts';
import type { Format } from './report.ts';

export const FORMATS = {
  full: formatText,
  text: formatText,
  concise: formatConcise,
  json: formatJson,
  sarif: formatSarif,
} satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}
