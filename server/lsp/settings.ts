// The settings as an editor sends them: their schema, and a reader that falls back key by key and says
// what was wrong. The manifest of the VS Code extension declares the same keys; a test compares them.
import * as v from 'valibot';
import { CONFIDENCES } from '../finding.ts';
import { DEFAULT_SETTINGS, RULE_GROUPS, type Settings } from '../settings.ts';
import { NAMESPACE } from './protocol.ts';

/** onType: check the text as edited. onSave: check the text as last opened or saved. */
export const RUNS = ['onType', 'onSave'] as const;
export type Run = (typeof RUNS)[number];

/** Above which functions there are lenses: those with errors, those with findings, none. */
export const CODE_LENSES = ['errors', 'all', 'off'] as const;
export type CodeLensSetting = (typeof CODE_LENSES)[number];

export const TRACES = ['off', 'messages', 'verbose'] as const;

export interface ServerSettings {
  readonly check: Settings;
  readonly run: Run;
  readonly codeLens: CodeLensSetting;
  /** The versions of Python that the project is for, and the file that says so; null: none does. */
  readonly python: { readonly versions: readonly string[]; readonly from: string } | null;
}

/** Key without the section, to its default and what a value must be. */
export const SETTINGS = {
  select: {
    fallback: DEFAULT_SETTINGS.select,
    schema: v.array(v.string()),
    expected: 'a list of rule ids and groups',
  },
  ignore: {
    fallback: DEFAULT_SETTINGS.ignore,
    schema: v.array(v.string()),
    expected: 'a list of rule ids',
  },
  minConfidence: {
    fallback: DEFAULT_SETTINGS.minConfidence,
    schema: v.picklist(CONFIDENCES),
    expected: oneOf(CONFIDENCES),
  },
  generated: {
    fallback: DEFAULT_SETTINGS.generated,
    schema: v.boolean(),
    expected: 'true or false',
  },
  run: { fallback: 'onType', schema: v.picklist(RUNS), expected: oneOf(RUNS) },
  codeLens: { fallback: 'errors', schema: v.picklist(CODE_LENSES), expected: oneOf(CODE_LENSES) },
  /** Heeded by the client; here so that a wrong value is reported. */
  'trace.server': { fallback: 'off', schema: v.picklist(TRACES), expected: oneOf(TRACES) },
} as const;

export const DEFAULT_SERVER_SETTINGS: ServerSettings = {
  check: DEFAULT_SETTINGS,
  run: 'onType',
  codeLens: 'errors',
  python: null,
};

export interface ReadSettings {
  readonly settings: ServerSettings;
  /** One sentence for each value that was not used. */
  readonly problems: readonly string[];
}

/** Reads the section `pymem-lint` of a configuration. Absent or null values are defaults, not problems. */
export function readSettings(section: unknown, ruleIds: readonly string[]): ReadSettings {
  const problems: string[] = [];
  if (section === null || section === undefined) {
    return { settings: DEFAULT_SERVER_SETTINGS, problems };
  }
  if (typeof section !== 'object' || Array.isArray(section)) {
    problems.push(`${NAMESPACE}: expected an object of settings, got ${show(section)}.`);
    return { settings: DEFAULT_SERVER_SETTINGS, problems };
  }
  const values = flatten(section);
  for (const key of Object.keys(values)) {
    if (!Object.hasOwn(SETTINGS, key)) {
      problems.push(
        `${NAMESPACE}.${key} is not a setting; known are ${Object.keys(SETTINGS).join(', ')}.`,
      );
    }
  }
  const select = read('select', SETTINGS.select.schema, SETTINGS.select.fallback);
  for (const rule of select) {
    if (![...ruleIds, ...RULE_GROUPS].includes(rule))
      problems.push(`${NAMESPACE}.select: there is no rule ${show(rule)}.`);
  }
  const ignore = read('ignore', SETTINGS.ignore.schema, SETTINGS.ignore.fallback);
  for (const rule of ignore) {
    if (!ruleIds.includes(rule))
      problems.push(`${NAMESPACE}.ignore: there is no rule ${show(rule)}.`);
  }
  const settings: ServerSettings = {
    check: {
      select,
      ignore,
      minConfidence: read(
        'minConfidence',
        SETTINGS.minConfidence.schema,
        SETTINGS.minConfidence.fallback,
      ),
      generated: read('generated', SETTINGS.generated.schema, SETTINGS.generated.fallback),
      nolint: DEFAULT_SETTINGS.nolint,
      severity: DEFAULT_SETTINGS.severity,
      functions: DEFAULT_SETTINGS.functions,
    },
    run: read('run', SETTINGS.run.schema, SETTINGS.run.fallback),
    codeLens: read('codeLens', SETTINGS.codeLens.schema, SETTINGS.codeLens.fallback),
    python: null,
  };
  read('trace.server', SETTINGS['trace.server'].schema, SETTINGS['trace.server'].fallback);
  return { settings, problems };

  function read<T>(
    key: keyof typeof SETTINGS,
    schema: v.GenericSchema<unknown, T>,
    fallback: T,
  ): T {
    const value = values[key];
    if (value === undefined || value === null) return fallback;
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    problems.push(
      `${NAMESPACE}.${key}: expected ${SETTINGS[key].expected}, got ${show(value)}; using ${show(fallback)}.`,
    );
    return fallback;
  }
}

/** `{ trace: { server: x } }` and `{ 'trace.server': x }` alike become `{ 'trace.server': x }`. */
function flatten(section: object): Readonly<Record<string, unknown>> {
  const flat: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(section)) {
    if (key === 'trace' && typeof value === 'object' && value !== null) {
      for (const [inner, innerValue] of Object.entries(value)) flat[`trace.${inner}`] = innerValue;
    } else {
      flat[key] = value;
    }
  }
  return flat;
}

function oneOf(values: readonly string[]): string {
  return `one of ${values.join(', ')}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
