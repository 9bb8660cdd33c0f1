// Options that several commands have, and how their values are read.
import { InvalidArgumentError, Option } from 'commander';
import { CONFIDENCES, type Confidence } from '../finding.ts';
import { didYouMean } from '../nearest-name.ts';
import { FORMATS, type FormatName, isFormat, TEXT } from './formats/index.ts';
import { NO_PROJECT_OPTIONS, type ProjectOptions } from './load-project.ts';

/** The options below as Commander hands them over. */
export interface ProjectFlags {
  readonly config?: string;
  readonly isolated: boolean;
  readonly minConfidence?: Confidence;
}

/** Of a command that has these options and no others of a project. */
export function projectOptions({ config, isolated, minConfidence }: ProjectFlags): ProjectOptions {
  return {
    ...NO_PROJECT_OPTIONS,
    config: config ?? null,
    isolated,
    minConfidence: minConfidence ?? null,
  };
}

export function configOption(): Option {
  return new Option('--config <file>', 'read this configuration file and no other');
}

export function isolatedOption(): Option {
  return new Option('--isolated', 'read no configuration file').default(false);
}

export function confidenceOption(): Option {
  return new Option('--min-confidence <level>', 'leave out what is less certain').choices(
    CONFIDENCES,
  );
}

export function parserOption(): Option {
  return new Option('--parser <backend>', 'which build of the C parser')
    .choices(['native', 'wasm', 'auto'])
    .default('auto');
}

/** A list, separated by commas or repeated. */
export function namesOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(names).default([], 'none');
}

function names(value: string, previous: readonly string[]): string[] {
  const added = value.split(',').map((name) => name.trim());
  if (added.includes(''))
    throw new InvalidArgumentError('It must have something between the commas.');
  return [...previous, ...added];
}

export function wholeNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

/** More would have the program in view once more each, for nothing. */
const MAX_THREADS = 64;

export function threads(value: string): number {
  const number = wholeNumber(value);
  if (number < 1 || number > MAX_THREADS) {
    throw new InvalidArgumentError(`It must be from 1 to ${MAX_THREADS}.`);
  }
  return number;
}

export function formatNames(value: string, previous: readonly FormatName[]): FormatName[] {
  return [...previous, formatName(value)];
}

export interface NamedOutput {
  readonly format: FormatName;
  readonly file: string;
}

/** `sarif=findings.sarif`. */
export function namedOutputs(value: string, previous: readonly NamedOutput[]): NamedOutput[] {
  const [, format = '', file = ''] = /^([^=]*)=(.+)$/s.exec(value) ?? [];
  if (file === '') throw new InvalidArgumentError('It must be FORMAT=FILE, as sarif=out.sarif.');
  return [...previous, { format: formatName(format), file }];
}

export function texts(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function formatName(value: string): FormatName {
  if (isFormat(value)) return value;
  if (value === TEXT) return 'full';
  const known = Object.keys(FORMATS);
  const near = didYouMean(value, known);
  throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.${near}`);
}
