// The commands about a finding that a lens, a hover or the lightbulb offers: what a client can run, and the
// words for it.
import { type CodeAction, CodeActionKind, type Diagnostic } from 'vscode-languageserver';
import type { Finding } from '../finding.ts';
import { CLIENT_COMMANDS, type FindingPlace, NAMESPACE } from './protocol.ts';
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
  return findingCommands(options).map(({ command, title }) => ({
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    command: { command, title, arguments: [place] },
  }));
}
