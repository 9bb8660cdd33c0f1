// What the language server and its clients agree on beyond LSP: names of commands, their arguments and
// what a diagnostic carries. Constants and types only; a client imports nothing else of the server.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { FolderEntry } from '../files/file-tree.ts';
import type { Edit, PathNote } from '../finding.ts';

export type { FolderEntry, PathNote };

/** Section of the settings, prefix of the commands and `source` of the diagnostics. */
export const NAMESPACE = 'pymem-lint';

/** Commands that a client may offer; the server names them in code lenses and hovers. */
export const CLIENT_COMMANDS = {
  lintFile: 'pymem-lint.lintFile',
  lintWorkspace: 'pymem-lint.lintWorkspace',
  showSimulatedCrash: 'pymem-lint.showSimulatedCrash',
  debugSimulatedCrash: 'pymem-lint.debugSimulatedCrash',
  proveForReal: 'pymem-lint.proveForReal',
  saveReplayAsHtml: 'pymem-lint.saveSimulatedCrashAsHtml',
  saveHeapMapAsSvg: 'pymem-lint.saveHeapMapAsSvg',
  showFindingPath: 'pymem-lint.showFindingPath',
  nextPathStep: 'pymem-lint.nextPathStep',
  previousPathStep: 'pymem-lint.previousPathStep',
  closeFindingPath: 'pymem-lint.closeFindingPath',
  suppressFinding: 'pymem-lint.suppressFinding',
  showRule: 'pymem-lint.showRule',
  fixAll: 'pymem-lint.fixAll',
  lintFolder: 'pymem-lint.lintFolder',
  stopLinting: 'pymem-lint.stopLinting',
  explainCrashText: 'pymem-lint.explainCrashText',
  copyDebugInfo: 'pymem-lint.copyDebugInfo',
  restartServer: 'pymem-lint.restartServer',
  showLog: 'pymem-lint.showLog',
} as const;

/**
 * Commands of workspace/executeCommand. Their names differ from the client's, because an editor may
 * register each of them as a command of its own.
 */
export const SERVER_COMMANDS = {
  /** Arguments: [LintFileArgument]. Result: LintSummary. */
  lintFile: 'pymem-lint.server.lintFile',
  /** No arguments. Result: LintSummary. Reports work-done progress. */
  lintWorkspace: 'pymem-lint.server.lintWorkspace',
  /** Arguments: [LintFileArgument], of a folder. Result: LintSummary. Reports work-done progress. */
  lintFolder: 'pymem-lint.server.lintFolder',
  /** Arguments: [SuppressArgument]. Asks the client to apply the edit. Result: whether it did. */
  suppress: 'pymem-lint.server.suppress',
} as const;

/** Documents of this scheme are pages about rules: `pymem-lint-rule:/double-free.md`. */
export const RULE_SCHEME = 'pymem-lint-rule';

/** For a finding that is meant to be. */
export interface SuppressArgument {
  readonly place: FindingPlace;
  readonly scope: 'line' | 'function' | 'file';
  /** May be empty. */
  readonly reason: string;
}

/** Sent to the client after an open file was checked. */
export const CHECKED_NOTIFICATION = 'pymem-lint/checked';

export interface CheckedNotification {
  readonly uri: string;
  readonly findings: number;
  /** How long it took, waiting included. */
  readonly milliseconds: number;
  /** The versions of Python that the project is for, and the URI of the file that says so; null: none does. */
  readonly python: { readonly versions: readonly string[]; readonly from: string } | null;
  /** Why there is no result, in a few words; null: there is one. */
  readonly trouble: string | null;
}

/** Asked of a client that reads the files for the server. Params: FileParams. Result: ReadFileResult. */
export const READ_FILE_REQUEST = 'pymem-lint/readFile';

/** Likewise, of a folder in the workspace. Params: FileParams. Result: ReadFolderResult. */
export const READ_FOLDER_REQUEST = 'pymem-lint/readFolder';

export interface FileParams {
  readonly uri: string;
}

/** null: it cannot be read. */
export type ReadFileResult = Uint8Array | null;

/** null: it cannot be read, or is not in the workspace. */
export type ReadFolderResult = readonly FolderEntry[] | null;

export interface LintFileArgument {
  readonly uri: string;
}

export interface LintSummary {
  /** Files that were checked. */
  readonly files: number;
  readonly findings: number;
  /** True: stopped before every file was checked. */
  readonly cancelled: boolean;
}

export interface InitializationOptions {
  /** Used when the client does not answer workspace/configuration; keys without the section. */
  readonly settings?: unknown;
  /** The CLIENT_COMMANDS that the client can run; lenses and links to others are left out. */
  readonly commands?: readonly string[];
}

/** Names a finding to a client that can look it up among its diagnostics. */
export interface FindingPlace {
  readonly uri: string;
  /** 0-based. */
  readonly line: number;
  /** 0-based, in UTF-16 units. */
  readonly character: number;
  readonly rule: string;
}

/** A flagged path and what it is shown under: the message of its finding. */
export interface TitledPath {
  readonly path: FlaggedPath;
  readonly title: string;
  /** The path as it is with a fix, under the title of the fix; none where that is not known. */
  readonly fixed?: readonly FixedPath[];
  /** The version of Python to replay it on first: `3.12`. */
  readonly python?: string;
}

export interface FixedPath {
  readonly path: FlaggedPath;
  readonly title: string;
}

/** `data` of a diagnostic: all that later requests about it need. */
export interface DiagnosticData {
  readonly flaggedPath: FlaggedPath;
  /** The path for the reader; the last note is at the finding. */
  readonly notes: readonly PathNote[];
  readonly fixes: readonly DiagnosticFix[];
}

export interface DiagnosticFix {
  readonly title: string;
  readonly edits: readonly DiagnosticEdit[];
  readonly isSafe: boolean;
  /** The path with the fix applied; null: not known. */
  readonly path: FlaggedPath | null;
}

export interface DiagnosticEdit extends Edit {
  /** The text that the edit replaces; null: in another file. Elsewhere than there the edit is stale. */
  readonly replaced: string | null;
}

export function ruleUrl(rule: string): string {
  return `https://github.com/pymem-lint/pymem-lint/blob/main/docs/rules/${rule}.md`;
}

/** `value` as the data of a diagnostic of ours; null when it is something else. */
export function asDiagnosticData(value: unknown): DiagnosticData | null {
  if (!isRecord(value)) return null;
  const { flaggedPath, notes, fixes } = value;
  return isFlaggedPath(flaggedPath) && isNotes(notes) && isFixes(fixes)
    ? { flaggedPath, notes, fixes }
    : null;
}

/** Looks at the outer shape only: the value was made by a server of the same version. */
export function isFlaggedPath(value: unknown): value is FlaggedPath {
  return (
    isRecord(value) &&
    value['version'] === 1 &&
    typeof value['rule'] === 'string' &&
    typeof value['fault'] === 'number' &&
    Array.isArray(value['steps'])
  );
}

export function isTitledPath(value: unknown): value is TitledPath {
  if (!isFixedPath(value)) return false;
  const fixed: unknown = 'fixed' in value ? (value.fixed ?? []) : [];
  return Array.isArray(fixed) && fixed.every(isFixedPath);
}

function isFixedPath(value: unknown): value is FixedPath {
  return isRecord(value) && typeof value['title'] === 'string' && isFlaggedPath(value['path']);
}

export function isFindingPlace(value: unknown): value is FindingPlace {
  return (
    isRecord(value) &&
    typeof value['uri'] === 'string' &&
    typeof value['line'] === 'number' &&
    typeof value['character'] === 'number' &&
    typeof value['rule'] === 'string'
  );
}

function isNotes(value: unknown): value is readonly PathNote[] {
  return (
    Array.isArray(value) &&
    value.every(
      (note) =>
        isRecord(note) &&
        isRecord(note['at']) &&
        typeof note['kind'] === 'string' &&
        typeof note['message'] === 'string' &&
        typeof note['depth'] === 'number',
    )
  );
}

function isFixes(value: unknown): value is readonly DiagnosticFix[] {
  return (
    Array.isArray(value) &&
    value.every(
      (fix) =>
        isRecord(fix) &&
        typeof fix['title'] === 'string' &&
        typeof fix['isSafe'] === 'boolean' &&
        (fix['path'] === null || isFlaggedPath(fix['path'])) &&
        isEdits(fix['edits']),
    )
  );
}

function isEdits(value: unknown): value is readonly DiagnosticEdit[] {
  return (
    Array.isArray(value) &&
    value.every(
      (edit) => isRecord(edit) && isRecord(edit['at']) && typeof edit['newText'] === 'string',
    )
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
