// Findings and the comments that suppress them: what is left, what is taken for intended and why, and what
// is wrong with the comments themselves.
import type { Span } from '../../simulator/flagged-path.ts';
import type { FileSettings } from '../config/project.ts';
import { isReported } from '../config/project.ts';
import type { Finding } from '../finding.ts';
import { didYouMean } from '../nearest-name.ts';
import type { RuleDocs } from '../rules/rule.ts';
import type { Settings } from '../settings.ts';
import { suppressionWithoutReason, unusedSuppression } from './suppression-rules.ts';
import { covers, type Suppression, suppressionsIn } from './suppression.ts';

export interface Suppressed {
  readonly finding: Finding;
  readonly reason: string;
}

export interface Applied {
  readonly kept: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  readonly used: ReadonlySet<Suppression>;
}

/** `heeded`: those of the finding's file. */
export function applySuppressions(
  findings: readonly Finding[],
  heeded: (file: string) => readonly Suppression[],
): Applied {
  const kept: Finding[] = [];
  const suppressed: Suppressed[] = [];
  const used = new Set<Suppression>();
  for (const finding of findings) {
    const own = heeded(finding.at.file).filter((one) => covers(one, finding.rule, finding.at));
    for (const one of own) used.add(one);
    if (own[0] === undefined) kept.push(finding);
    else
      suppressed.push({ finding, reason: own.find(({ reason }) => reason !== '')?.reason ?? '' });
  }
  return { kept, suppressed, used };
}

/** The findings that no comment in their file suppresses. */
export function unsuppressed(
  findings: readonly Finding[],
  textOf: (file: string) => string,
  { nolint }: Pick<Settings, 'nolint'>,
): readonly Finding[] {
  const known = new Map<string, Suppression[]>();
  const heeded = (file: string): readonly Suppression[] => {
    const own = known.get(file) ?? suppressionsIn(file, textOf(file));
    known.set(file, own);
    return own.filter(({ kind }) => nolint || kind === 'own');
  };
  return applySuppressions(findings, heeded).kept;
}

/** The findings in one file that no comment suppresses, and what is wrong with its comments. */
export function withRemarks(
  findings: readonly Finding[],
  { file, text }: { readonly file: string; readonly text: string },
  settings: Settings,
  rules: readonly RuleDocs[],
): readonly Finding[] {
  const heeded = suppressionsIn(file, text).filter(({ kind }) => settings.nolint || kind === 'own');
  const { kept, used } = applySuppressions(findings, () => heeded);
  const own = { ...settings, requireReason: false, targets: [], targetsFrom: null, from: null };
  return [...kept, ...remarksOn(heeded, used, own, rules)];
}

/** What to say of the comments in one file, as findings. */
export function remarksOn(
  suppressions: readonly Suppression[],
  used: ReadonlySet<Suppression> | null,
  settings: FileSettings,
  rules: readonly RuleDocs[],
): Finding[] {
  const ids = rules.map(({ id }) => id);
  const remarks = suppressions.flatMap((one) => {
    const said: Finding[] = [];
    const unknown =
      one.kind === 'own' ? (one.rules ?? []).find((id) => !ids.includes(id)) : undefined;
    if (unknown !== undefined) {
      const near = didYouMean(unknown, ids);
      said.push(
        remark(unusedSuppression, one.at, `there is no rule '${unknown}' to ignore.${near}`),
      );
    } else if (used !== null && !used.has(one) && isSurelyUnused(one, settings, rules)) {
      said.push(remark(unusedSuppression, one.at, whyUnused(one)));
    }
    if (settings.requireReason && one.kind === 'own' && one.reason === '') {
      said.push(remark(suppressionWithoutReason, one.at, 'this suppression gives no reason'));
    }
    return said;
  });
  return remarks.filter((finding) => isReported(finding, settings, rules));
}

function whyUnused({ from, rules, scope }: Suppression): string {
  if (from === 0 && scope === 'range') {
    return 'no NOLINTEND with the same list ends what this begins: it suppresses nothing';
  }
  if (from === 0) return 'no function follows that this suppression could be for';
  const what = rules === null ? '' : ` of ${rules.join(', ')}`;
  const where = scope === 'line' ? `line ${from}` : `this ${scope}`;
  return `unused suppression${what}: nothing is reported on ${where}`;
}

/** Rules that were not looked for may have found something; NOLINT without a name of ours is for others. */
function isSurelyUnused(
  { kind, rules: named, scope }: Suppression,
  settings: FileSettings,
  rules: readonly RuleDocs[],
): boolean {
  if (kind === 'nolint' && (named === null || named.some((name) => name.includes('*'))))
    return false;
  const isLooked = (id: string): boolean =>
    isReported({ rule: id, confidence: 'definite' }, settings, rules);
  if (named === null) return scope !== 'file';
  const ids = named.map((name) => name.replace(/^pymem-lint-/, ''));
  const known = ids.filter((id) => rules.some((rule) => rule.id === id));
  return known.length > 0 && known.every(isLooked);
}

function remark(rule: RuleDocs, at: Span, message: string): Finding {
  return {
    rule: rule.id,
    severity: rule.severity,
    confidence: 'definite',
    at,
    message,
    path: [],
    flaggedPath: { version: 1, rule: rule.id, steps: [], fault: 0 },
    fixes:
      rule === unusedSuppression
        ? [
            {
              title: 'Remove the suppression',
              edits: [{ at, newText: '' }],
              isSafe: true,
              path: null,
            },
          ]
        : [],
  };
}
