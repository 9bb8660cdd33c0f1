// What a user can choose; the same for the command line, the language server and package.json.
import { CONFIDENCES, type Confidence, type Severity } from './finding.ts';
import type { StoredRow } from './knowledge/row.ts';
import type { RuleDocs } from './rules/rule.ts';

/** Words that stand for several rules: those that are on by default, and every one. */
export const RULE_GROUPS = ['default', 'all'] as const;

export interface Settings {
  /** The rules to report: ids, and groups of RULE_GROUPS. */
  readonly select: readonly string[];
  /** Rule ids to leave out of these. */
  readonly ignore: readonly string[];
  /** Findings below this confidence are dropped. */
  readonly minConfidence: Confidence;
  /** Check what Cython, SWIG and the like have written, too. */
  readonly generated: boolean;
  /** Heed NOLINT comments as own ones. */
  readonly nolint: boolean;
  /** By rule, where it is not to be the rule's own. */
  readonly severity: Readonly<Record<string, Severity>>;
  /** What functions of the project's own do to memory; they come before the knowledge table. */
  readonly functions: readonly StoredRow[];
}

export const DEFAULT_SETTINGS: Settings = {
  select: ['default'],
  ignore: [],
  minConfidence: 'likely',
  generated: true,
  nolint: true,
  severity: {},
  functions: [],
};

export function isSelected(
  { id, isOffByDefault }: Pick<RuleDocs, 'id' | 'isOffByDefault'>,
  { select, ignore }: Pick<Settings, 'select' | 'ignore'>,
): boolean {
  const isWanted = select.some(
    (word) => word === id || word === 'all' || (word === 'default' && isOffByDefault === undefined),
  );
  return isWanted && !ignore.includes(id);
}

export function atLeast(confidence: Confidence, minimum: Confidence): boolean {
  return CONFIDENCES.indexOf(confidence) <= CONFIDENCES.indexOf(minimum);
}
