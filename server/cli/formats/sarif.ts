// SARIF 2.1.0, for code scanning services and viewers: the path as a code flow, related locations,
// fixes, suppressions, fingerprints and the rules' help.
import type {
  Fix as SarifFix,
  Location,
  Log,
  PhysicalLocation,
  Region,
  ReportingDescriptor,
  Result,
  Suppression,
} from 'sarif';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Span } from '../../../simulator/flagged-path.ts';
import { verdictLines } from '../../../simulator/verdict-text.ts';
import { verdictOf } from '../../../simulator/verdict.ts';
import type { Confidence, Finding, Fix, PathNote, Severity } from '../../finding.ts';
import { ruleUrl } from '../../lsp/protocol.ts';
import type { RuleDocs } from '../../rules/rule.ts';
import type { SourceLines } from '../source-lines.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { LEVELS } from './gcc.ts';
import type { Format, Report, SuppressedFinding } from './report.ts';
import { threadFlow } from './sarif-flow.ts';
import { ruleMarkdown } from '../rule-page.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const ROOT = 'SRCROOT';

export const formatSarif: Format = (report, { withVerdict }) =>
  `${JSON.stringify(sarifLog(report, withVerdict), null, 2)}\n`;

/** `withVerdict`: how each finding ends on simulated targets is among its properties. */
export function sarifLog(report: Report, withVerdict = false): Log {
  const marks = fingerprintsOf(report);
  const resultOf = (finding: Finding): Result => result(finding, report, { marks, withVerdict });
  // An empty list says that a result is not suppressed; without one, that nobody looked.
  const looked = report.suppressed.length > 0 ? { suppressions: [] } : {};
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'pymem-lint',
            informationUri: 'https://github.com/pymem-lint/pymem-lint',
            semanticVersion: report.version,
            version: report.version,
            rules: report.rules.map(descriptor),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { uri: `${pathToFileURL(report.cwd).href}/` } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: report.skipped.map(({ file, function: name, reason }) => ({
              level: 'note' as const,
              message: { text: name === null ? reason : `${name}: ${reason}` },
              locations: [{ physicalLocation: { artifactLocation: artifact(file) } }],
            })),
          },
        ],
        results: [
          ...report.findings.map((finding) => ({ ...resultOf(finding), ...looked })),
          ...report.suppressed.map((one) => ({
            ...resultOf(one.finding),
            suppressions: [suppression(one)],
          })),
        ],
      },
    ],
  };
}

function descriptor(rule: RuleDocs): ReportingDescriptor {
  const markdown = ruleMarkdown(rule);
  return {
    id: rule.id,
    name: pascalCase(rule.id),
    shortDescription: { text: `${rule.summary}.` },
    fullDescription: { text: rule.why },
    help: { text: markdown, markdown },
    helpUri: ruleUrl(rule.id),
    defaultConfiguration: { level: LEVELS[rule.severity] },
    properties: {
      tags: ['security', 'memory', 'cpython'],
      precision: 'high',
      'problem.severity': PROBLEMS[rule.severity],
      'security-severity': SECURITY[rule.severity],
    },
  };
}

function pascalCase(id: string): string {
  return id.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** As code scanning names them. */
const PROBLEMS = {
  error: 'error',
  warning: 'warning',
  info: 'recommendation',
} satisfies Record<Severity, string>;

/** On CVSS's scale, 0 to 10: an overwritten heap, a process that ends or fills up, a matter of style. */
const SECURITY = { error: '7.5', warning: '5.0', info: '2.0' } satisfies Record<Severity, string>;

function result(
  finding: Finding,
  report: Report,
  { marks, withVerdict }: { marks: ReadonlyMap<Finding, string>; withVerdict: boolean },
): Result {
  const ruleIndex = report.rules.findIndex((rule) => rule.id === finding.rule);
  return {
    ruleId: finding.rule,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: LEVELS[finding.severity],
    rank: RANK[finding.confidence],
    message: { text: finding.message },
    locations: [{ physicalLocation: withSource(finding.at, report.linesOf) }],
    ...(finding.path.length === 0 ? {} : pathOf(finding)),
    partialFingerprints: { primaryLocationLineHash: marks.get(finding) ?? '' },
    ...(finding.fixes.length === 0 ? {} : { fixes: finding.fixes.map(sarifFix) }),
    properties: {
      confidence: finding.confidence,
      ...(withVerdict && finding.flaggedPath.steps.length > 0 ? simulatedEnds(finding) : {}),
    },
  };
}

/** The verdict: in words, and the ends by what they are for a machine. */
function simulatedEnds({ flaggedPath }: Finding): object {
  const matrix = verdictOf(flaggedPath);
  return {
    simulated: {
      model: matrix.model,
      verdict: verdictLines(matrix),
      ends: [...new Set(matrix.rows.map(({ end }) => end.kind))],
    },
  };
}

function pathOf(finding: Finding): Pick<Result, 'relatedLocations' | 'codeFlows'> {
  return {
    relatedLocations: finding.path.map((note, index) => ({ id: index + 1, ...location(note) })),
    codeFlows: [{ threadFlows: [{ locations: threadFlow(finding, location) }] }],
  };
}

function suppression({ by, reason }: SuppressedFinding): Suppression {
  return {
    kind: by === 'comment' ? 'inSource' : 'external',
    status: 'accepted',
    ...(reason === '' ? {} : { justification: reason }),
  };
}

const RANK = { definite: 95, likely: 75, possible: 40 } satisfies Record<Confidence, number>;

function location(note: PathNote): Location {
  return { physicalLocation: physical(note.at), message: { text: note.message } };
}

function physical(at: Span): PhysicalLocation {
  return { artifactLocation: artifact(at.file), region: region(at) };
}

/** Lines before and after a finding, for a viewer without the source. */
const CONTEXT = 2;
/** UTF-16 units of it; what is longer was generated. */
const MAX_CONTEXT = 2000;

function withSource(at: Span, linesOf: SourceLines): PhysicalLocation {
  const lines = linesOf(at.file);
  const own = lines.slice(at.line - 1, at.endLine);
  const last = own.length - 1;
  const text = own
    .map((line, index) => line.slice(0, index === last ? at.endColumn - 1 : undefined))
    .map((line, index) => line.slice(index === 0 ? at.column - 1 : 0))
    .join('\n');
  const startLine = Math.max(1, at.line - CONTEXT);
  const endLine = Math.min(lines.length, at.endLine + CONTEXT);
  const around = lines.slice(startLine - 1, endLine).join('\n');
  if (text === '' || around.length > MAX_CONTEXT) return physical(at);
  return {
    artifactLocation: artifact(at.file),
    region: { ...region(at), snippet: { text } },
    contextRegion: { startLine, endLine, snippet: { text: around } },
  };
}

function region({ line, column, endLine, endColumn }: Span): Region {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

function artifact(file: string): { uri: string; uriBaseId?: string } {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: ROOT };
}

function sarifFix({ title, edits }: Fix): SarifFix {
  const files = [...new Set(edits.map((edit) => edit.at.file))];
  return {
    description: { text: title },
    artifactChanges: files.map((file) => ({
      artifactLocation: artifact(file),
      replacements: edits
        .filter((edit) => edit.at.file === file)
        .map((edit) => ({
          deletedRegion: region(edit.at),
          insertedContent: { text: edit.newText },
        })),
    })),
  };
}
