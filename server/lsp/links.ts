// The commands about a finding that a lens, a hover or the lightbulb offers: what a client can run, and the
// words for it.
import { type CodeAction, CodeActionKind, type Diagnostic } from 'vscode-languageserver';
import type { Finding } from '../finding.ts';
import { SUPPRESSION_SCOPES } from '../suppressions/suppress.ts';
import { asDiagnosticData, CLIENT_COMMANDS, type FindingPlace, NAMESPACE } from './protocol.ts';
import { toRange } from './render.ts';

export interface LinkOptions {
  /** The commands of the client that links and lenses may name. */
  readonly commands: readonly string[];
}

export interface FindingCommand {
  readonly command: string;
  readonly title: string;
  /** False: of those that do more than show, a lens has no room for it. */
  readonly inLens: boolean;
}

const FINDING_COMMANDS: readonly FindingCommand[] = [
  { command: CLIENT_COMMANDS.showSimulatedCrash, title: 'Show Simulated Crash', inLens: true },
  { command: CLIENT_COMMANDS.debugSimulatedCrash, title: 'Debug Simulated Crash', inLens: true },
  { command: CLIENT_COMMANDS.showFindingPath, title: 'Show Finding Path', inLens: true },
  { command: CLIENT_COMMANDS.proveForReal, title: 'Prove It for Real', inLens: false },
];

/** Those that the client can run. */
export function findingCommands({ commands }: LinkOptions): readonly FindingCommand[] {
  return FINDING_COMMANDS.filter(({ command }) => commands.includes(command));
}

/** `uri`: of the document that the finding is in. */
export function placeOf(finding: Finding, uri: string): FindingPlace {
  const { line, character } = toRange(finding.at).start;
  return { uri, line, character, rule: finding.rule };
}

/** The commands as entries of the lightbulb. */
export function toCommandActions(
  diagnostic: Diagnostic,
  uri: string,
  options: LinkOptions,
): CodeAction[] {
  const { source, code, range } = diagnostic;
  if (source !== NAMESPACE || typeof code !== 'string') return [];
  const place: FindingPlace = { uri, ...range.start, rule: code };
  const shows = hasPath(diagnostic) ? findingCommands(options) : [];
  const suppresses = options.commands.includes(CLIENT_COMMANDS.suppressFinding)
    ? SUPPRESSION_SCOPES.map((scope) => ({
        title: `Suppress ${code} ${SCOPE_WORDS[scope]}…`,
        command: CLIENT_COMMANDS.suppressFinding,
        scope,
      }))
    : [];
  return [...shows.map((show) => ({ ...show, scope: null })), ...suppresses].map(
    ({ title, command, scope }) => ({
      title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      command: { command, title, arguments: scope === null ? [place] : [place, scope] },
    }),
  );
}

const SCOPE_WORDS = {
  line: 'on this line',
  function: 'in this function',
  file: 'in this file',
} as const;

/** Remarks about comments have none. */
function hasPath({ data }: Diagnostic): boolean {
  return (asDiagnosticData(data)?.flaggedPath.steps.length ?? 0) > 0;
}
