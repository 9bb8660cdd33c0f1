// One JSON object a line: for programs that read while they are written to.
import { jsonFinding } from './json.ts';
import type { Format } from './report.ts';

export const formatJsonLines: Format = (report) =>
  report.findings.map((finding) => `${JSON.stringify(jsonFinding(finding))}\n`).join('');
