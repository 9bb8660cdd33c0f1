// One page that stands alone: every finding with its code and its replay on the simulated heap. The replay is
// the heap panel of the editor.
import { printable } from '../display-text.ts';
import { findingsPage, type ListedFinding } from '../findings-page.ts';
import { PLAIN } from '../terminal.ts';
import { count, findingText } from './full.ts';
import type { Format } from './report.ts';

export const formatHtml: Format = (report, { withVerdict, page }) =>
  findingsPage(
    {
      title: `pymem-lint: ${count(report.findings.length, 'finding')}`,
      summary: `${count(report.findings.length, 'finding')} in ${count(report.stats.files, 'file')}, pymem-lint ${report.version}`,
      findings: report.findings.map((finding): ListedFinding => {
        const { at, severity, rule, message, flaggedPath } = finding;
        return {
          file: at.file,
          line: at.line,
          severity,
          rule,
          message: printable(message),
          text: findingText(finding, report, { colors: PLAIN, columns: null, withVerdict }),
          path: flaggedPath.steps.length === 0 ? null : flaggedPath,
        };
      }),
    },
    page(),
  );
