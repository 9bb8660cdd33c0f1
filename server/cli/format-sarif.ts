// SARIF 2.1.0, for code scanning services and viewers: the path as a code flow, related locations,
// fixes, fingerprints and the rules' help.
import type {
  Fix as SarifFix,
  Location,
  Log,
  PhysicalLocation,
  Region,
  ReportingDescriptor,
  Result,
  ThreadFlowLocation,
} from 'sarif';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Span } from '../../simulator/flagged-path.ts';
import type { Confidence, Finding, Fix, PathNote, Severity } from '../finding.ts';
import type { RuleDocs } from '../rules/rule.ts';
import { fingerprints } from './fingerprint.ts';
import type { Format, Report } from './report.ts';
import { ruleMarkdown } from './rule-page.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const ROOT = 'SRCROOT';

export const formatSarif: Format = (report) => `${JSON.stringify(sarifLog(report), null, 2)}\n`;

export function sarifLog(report: Report): Log {
  const marks = fingerprints(report);
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'pymem-lint',
            semanticVersion: report.version,
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
        results: report.findings.map((finding, index) =>
          result(finding, report, marks[index] ?? ''),
        ),
      },
    ],
  };
}

function descriptor(rule: RuleDocs): ReportingDescriptor {
  const markdown = ruleMarkdown(rule);
  const link = rule.references.find((reference) => /^https?:\/\/\S+$/.test(reference));
  return {
    id: rule.id,
    shortDescription: { text: `${rule.summary}.` },
    fullDescription: { text: rule.why },
    help: { text: markdown, markdown },
    ...(link === undefined ? {} : { helpUri: link }),
    defaultConfiguration: { level: level(rule.severity) },
    properties: { tags: ['memory', 'cpython'], 'problem.severity': level(rule.severity) },
  };
}

function result(finding: Finding, report: Report, fingerprint: string): Result {
  const ruleIndex = report.rules.findIndex((rule) => rule.id === finding.rule);
  return {
    ruleId: finding.rule,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: level(finding.severity),
    rank: RANK[finding.confidence],
    message: { text: finding.message },
    locations: [{ physicalLocation: physical(finding.at) }],
    relatedLocations: finding.path.map((note, index) => ({ id: index + 1, ...location(note) })),
    codeFlows: [{ threadFlows: [{ locations: flow(finding.path) }] }],
    partialFingerprints: { primaryLocationLineHash: fingerprint },
    ...(finding.fixes.length === 0 ? {} : { fixes: finding.fixes.map(sarifFix) }),
    properties: { confidence: finding.confidence },
  };
}

function level(severity: Severity): 'error' | 'warning' | 'note' {
  return severity === 'info' ? 'note' : severity;
}

const RANK = { definite: 95, likely: 75, possible: 40 } satisfies Record<Confidence, number>;

/** Nesting follows the calls the path enters and leaves. */
function flow(path: readonly PathNote[]): ThreadFlowLocation[] {
  let depth = 0;
  return path.map((note, index) => {
    if (note.kind === 'leave') depth = Math.max(0, depth - 1);
    const step: ThreadFlowLocation = {
      location: location(note),
      executionOrder: index + 1,
      nestingLevel: depth,
      importance: note.kind === 'branch' ? 'important' : 'essential',
      kinds: KINDS[note.kind],
    };
    if (note.kind === 'enter') depth++;
    return step;
  });
}

/** SARIF's own words where it has them. */
const KINDS = {
  alloc: ['acquire', 'memory'],
  free: ['release', 'memory'],
  branch: ['branch'],
  enter: ['call', 'function'],
  leave: ['return', 'function'],
  use: ['usage', 'memory'],
  return: ['return', 'function'],
  assign: ['value'],
  escape: ['value'],
  thread: ['lock'],
  lost: ['memory'],
} satisfies Record<PathNote['kind'], string[]>;

function location(note: PathNote): Location {
  return { physicalLocation: physical(note.at), message: { text: note.message } };
}

function physical(at: Span): PhysicalLocation {
  return { artifactLocation: artifact(at.file), region: region(at) };
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
