// The options of `check` as a user types them, and what the command makes of them.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CONFIDENCES, type Confidence } from '../finding.ts';
import type { ParserChoice } from './analyze.ts';
import { checkCommand, FORMATS, type FormatName, type Product } from './check-command.ts';
import { UsageError } from './exit.ts';
import type { ProjectOptions } from './load-project.ts';
import { settingsCommand } from './settings-command.ts';
import type { Terminal } from './terminal.ts';
import { whyCommand } from './why-command.ts';

interface ProjectFlags {
  readonly config?: string;
  readonly isolated: boolean;
  readonly minConfidence?: Confidence;
}

interface CheckFlags extends ProjectFlags {
  readonly stdinFilename: string;
  readonly format: FormatName;
  readonly outputFile?: string;
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly exclude: readonly string[];
  readonly forceExclude: boolean;
  readonly showSettings: boolean;
  readonly showFiles: boolean;
  readonly parser: ParserChoice;
  readonly quiet: boolean;
  readonly stats: boolean;
  readonly verdict: boolean;
  readonly why?: string;
  readonly generated: boolean;
}

/** What --why answers has no use for them. */
const NOT_WITH_WHY = [
  'generated',
  'outputFile',
  'stats',
  'verdict',
  'quiet',
  'showSettings',
  'showFiles',
];

export function addCheck(
  program: Command,
  { product, terminal }: { readonly product: Product; readonly terminal: Terminal },
  finish: (code: number) => void,
): void {
  program
    .command('check')
    .description('check C and C++ files')
    .argument('[paths...]', 'files, folders, globs, or - for standard input; default: this folder')
    .addOption(
      new Option('--format <name>', 'how to write findings')
        .choices(Object.keys(FORMATS))
        .default('text'),
    )
    .option(
      '--stdin-filename <file>',
      'what standard input is called, and where its headers are',
      'stdin.c',
    )
    .option('--output-file <file>', 'write findings there instead of to standard output')
    .addOption(confidenceOption())
    .addOption(
      namesOption(
        '--select <rules>',
        "only these rules, separated by commas; 'default' and 'all' are groups",
      ),
    )
    .addOption(namesOption('--ignore <rules>', 'not these rules, separated by commas'))
    .addOption(configOption())
    .addOption(isolatedOption())
    .addOption(namesOption('--exclude <patterns>', 'leave these files out, as .gitignore does'))
    .option('--force-exclude', 'leave out what is excluded even where it is named', false)
    .option('--no-generated', 'leave out what Cython, SWIG and the like have written')
    .addOption(parserOption())
    .option(
      '--why <file:line>',
      'say what is known of the pointers there, and why it is reported or not',
    )
    .option('--show-settings', 'print the settings of the first file instead of checking', false)
    .option('--show-files', 'print the files that would be checked', false)
    .option('--verdict', 'say how each finding ends on simulated builds and versions', false)
    .option('--stats', 'print counts, time and memory to standard error', false)
    .option('-q, --quiet', 'print nothing but findings', false)
    .addHelpText(
      'after',
      `
Folders are walked for C and C++ files, honoring .gitignore; a file that is named is always checked.
Settings come from the nearest pymem-lint.toml, or pyproject.toml with [tool.pymem-lint], of each file.

Examples:
  pymem-lint check src/module.c
  pymem-lint check 'src/**/*.c' --ignore use-after-free
  pymem-lint check . --format concise --quiet
  pymem-lint check . --select default,untracked-allocation
  pymem-lint check --why src/module.c:120`,
    )
    .action(async (paths: string[], flags: CheckFlags, command: Command) => {
      const project = {
        ...projectOptions(flags),
        select: flags.select,
        ignore: flags.ignore,
        exclude: flags.exclude,
        generated: command.getOptionValueSource('generated') === 'cli' ? flags.generated : null,
      };
      const { format, parser, forceExclude } = flags;
      if (flags.why !== undefined) {
        refuse(command, NOT_WITH_WHY, '--why');
        const options = { ...project, place: flags.why, paths, format, parser };
        finish(await whyCommand(options, product, terminal));
        return;
      }
      const onPaths = { ...project, paths: paths.length === 0 ? ['.'] : paths, forceExclude };
      if (flags.showSettings || flags.showFiles) {
        const show = flags.showFiles ? 'files' : 'settings';
        finish(settingsCommand({ ...onPaths, show }, product.rules, terminal));
        return;
      }
      const options = {
        ...onPaths,
        stdinFilename: flags.stdinFilename,
        format,
        outputFile: flags.outputFile ?? null,
        parser,
        isQuiet: flags.quiet,
        withStats: flags.stats,
        withVerdict: flags.verdict,
      };
      finish(await checkCommand(options, product, terminal));
    });
}

/** Throws UsageError when one of the options was given. */
function refuse(command: Command, unused: readonly string[], by: string): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (unused.includes(name) && command.getOptionValueSource(name) === 'cli') {
      throw new UsageError(`${by} has no use for ${option.long ?? name}.`);
    }
  }
}

/** Of a command that has the options below. */
export function projectOptions({ config, isolated, minConfidence }: ProjectFlags): ProjectOptions {
  return {
    config: config ?? null,
    isolated,
    minConfidence: minConfidence ?? null,
    select: [],
    ignore: [],
    exclude: [],
    generated: null,
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

function namesOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(names).default([], 'none');
}

function names(value: string, previous: readonly string[]): string[] {
  const added = value.split(',').map((name) => name.trim());
  if (added.includes(''))
    throw new InvalidArgumentError('It must have something between the commas.');
  return [...previous, ...added];
}
