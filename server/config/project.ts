// The settings in force for each file: its nearest configuration file, what that says of this file, and what
// the command line or the editor says.
import ignore from 'ignore';
import { dirname, relative, sep } from 'node:path';
import type { Target } from '../../simulator/target.ts';
import { CONFIDENCES, type Confidence, type Finding } from '../finding.ts';
import type { RuleDocs } from '../rules/rule.ts';
import { atLeast, DEFAULT_SETTINGS, isSelected, type Settings } from '../settings.ts';
import type { Choice } from './config-schema.ts';
import type { FindConfig } from './find-config.ts';
import type { ConfigFile } from './read-config.ts';
import { targetVersions } from './target-versions.ts';

/** What is said beside the files; it wins over them. */
export interface Flags {
  /** Empty: as the files say. Otherwise in place of their `select` and `ignore`. */
  readonly select: readonly string[];
  /** Besides what the files say. */
  readonly ignore: readonly string[];
  readonly minConfidence: Confidence | null;
  readonly generated: boolean | null;
  /** Patterns as in .gitignore, from `cwd`. */
  readonly exclude: readonly string[];
  readonly cwd: string;
}

export const NO_FLAGS: Omit<Flags, 'cwd'> = {
  select: [],
  ignore: [],
  minConfidence: null,
  generated: null,
  exclude: [],
};

export interface FileSettings extends Settings {
  readonly requireReason: boolean;
  readonly targets: readonly Target['python'][];
  /** The file that says so; null: none. */
  readonly targetsFrom: string | null;
  /** The configuration file they come from; null: none. */
  readonly from: string | null;
}

export interface Project {
  /** Of a file, by its absolute path. Throws ConfigError. */
  settingsOf(path: string): FileSettings;
  /** Throws ConfigError. */
  isExcluded(path: string): boolean;
  /** null: none. Throws ConfigError. */
  configOf(path: string): ConfigFile | null;
}

export function createProject(find: FindConfig, flags: Flags): Project {
  const configOf = (path: string): ConfigFile | null => find(dirname(path));
  const known = new Map<string, FileSettings>();
  return {
    configOf,
    settingsOf(path) {
      const settings = known.get(path) ?? settingsFrom(configOf(path), path, flags);
      known.set(path, settings);
      return settings;
    },
    isExcluded(path) {
      const file = configOf(path);
      return (
        matches(flags.exclude, flags.cwd, path) ||
        (file !== null && matches(file.config.exclude ?? [], dirname(file.path), path))
      );
    },
  };
}

/** `base` holds where neither the file nor the flags say anything. */
export function settingsFrom(
  file: ConfigFile | null,
  path: string,
  flags: Flags,
  base: Settings = DEFAULT_SETTINGS,
): FileSettings {
  const config = file?.config ?? {};
  const { 'target-versions': versions = [] } = config;
  const layers: readonly Choice[] = [config, ...overridesOf(file, path)];
  const last = <Key extends keyof Choice>(key: Key): Choice[Key] =>
    layers.map((layer) => layer[key]).findLast((value) => value !== undefined);
  const isChosen = flags.select.length > 0;
  const ofFile = layers.slice(1).flatMap((layer) => layer.ignore ?? []);
  return {
    select: isChosen ? flags.select : (last('select') ?? base.select),
    ignore: [...flags.ignore, ...ofFile, ...(isChosen ? [] : (config.ignore ?? base.ignore))],
    minConfidence: flags.minConfidence ?? last('min-confidence') ?? base.minConfidence,
    generated: flags.generated ?? last('generated') ?? base.generated,
    functions: file?.rows ?? [],
    severity: Object.assign({}, base.severity, ...layers.map(({ severity }) => severity ?? {})),
    nolint: config.nolint ?? base.nolint,
    requireReason: config['require-reason'] ?? false,
    targets: targetVersions(versions, file?.requirement?.specifier ?? null),
    targetsFrom: (versions.length > 0 ? file?.path : file?.requirement?.path) ?? null,
    from: file?.path ?? null,
  };
}

/** Those for this file, in order; `per-file-ignores` are short ones. */
function overridesOf(file: ConfigFile | null, path: string): Choice[] {
  if (file === null) return [];
  const folder = dirname(file.path);
  const { overrides = [], 'per-file-ignores': ignores = {} } = file.config;
  return [
    ...overrides.filter(({ paths }) => matches(paths, folder, path)),
    ...Object.entries(ignores)
      .filter(([pattern]) => matches([pattern], folder, path))
      .map(([, ids]) => ({ ignore: ids })),
  ];
}

function matches(patterns: readonly string[], folder: string, path: string): boolean {
  if (patterns.length === 0) return false;
  const inside = relative(folder, path).split(sep).join('/');
  if (inside === '' || inside.startsWith('../') || inside.includes(':')) return false;
  return ignore().add(patterns).ignores(inside);
}

/** What has to be checked so that each file gets the findings it is to get. */
export function unionOf(all: readonly FileSettings[]): Settings {
  const [first] = all;
  if (first === undefined) return DEFAULT_SETTINGS;
  const functions = new Map(all.flatMap((one) => one.functions.map((row) => [row.name, row])));
  return {
    select: [...new Set(all.flatMap(({ select }) => select))],
    ignore: first.ignore.filter((id) => all.every((one) => one.ignore.includes(id))),
    minConfidence:
      CONFIDENCES.findLast((level) => all.some((one) => one.minConfidence === level)) ??
      DEFAULT_SETTINGS.minConfidence,
    generated: all.some(({ generated }) => generated),
    // Each file has its own.
    nolint: true,
    severity: {},
    functions: [...functions.values()],
  };
}

/** Whether the settings of its file let a finding through. */
export function isReported(
  { rule, confidence }: Pick<Finding, 'rule' | 'confidence'>,
  settings: Settings,
  rules: readonly RuleDocs[],
): boolean {
  const docs = rules.find(({ id }) => id === rule);
  const isChosen = docs === undefined || isSelected(docs, settings);
  return isChosen && atLeast(confidence, settings.minConfidence);
}

/** The finding with the severity that its file gives its rule. */
export function withSeverity(finding: Finding, { severity }: FileSettings): Finding {
  const own = severity[finding.rule];
  return own === undefined ? finding : { ...finding, severity: own };
}
