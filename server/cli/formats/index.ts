// Every output format by its name on the command line.
import { formatConcise } from './concise.ts';
import { formatFull } from './full.ts';
import { formatGcc } from './gcc.ts';
import { formatGithub } from './github.ts';
import { formatGitlab } from './gitlab.ts';
import { formatGrouped } from './grouped.ts';
import { formatHtml } from './html.ts';
import { formatJson } from './json.ts';
import { formatJsonLines } from './json-lines.ts';
import { formatJunit } from './junit.ts';
import { formatMarkdown } from './markdown.ts';
import { formatRdjson } from './rdjson.ts';
import type { Format } from './report.ts';
import { formatSarif } from './sarif.ts';

export const FORMATS = {
  full: formatFull,
  concise: formatConcise,
  grouped: formatGrouped,
  json: formatJson,
  'json-lines': formatJsonLines,
  sarif: formatSarif,
  github: formatGithub,
  gitlab: formatGitlab,
  junit: formatJunit,
  rdjson: formatRdjson,
  gcc: formatGcc,
  markdown: formatMarkdown,
  html: formatHtml,
} satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** Another name of `full`. */
export const TEXT = 'text';

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}
