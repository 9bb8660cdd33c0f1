// The options of `check` and `baseline` as a user types them, and what the commands make of them.
import { type Command, Option } from 'commander';
import { SEVERITIES, type Severity } from '../finding.ts';
import type { ParserChoice } from './analyze.ts';
import { baselineCommand, DEFAULT_BASELINE } from './baseline-command.ts';
import { checkCommand, type FixOptions, type OutputChoice } from './check-command.ts';
import type { Product, RunOptions } from './check-run.ts';
import { UsageError } from './exit.ts';
import { FORMATS, type FormatName } from './formats/index.ts';
import {
  confidenceOption,
  configOption,
  formatNames,
  isolatedOption,
  type NamedOutput,
  namedOutputs,
  namesOption,
  parserOption,
  type ProjectFlags,
  projectOptions,
  texts,
  threads,
  wholeNumber,
} from './options.ts';
import { checkWithSteps } from './check-with-steps.ts';
import { settingsCommand } from './settings-command.ts';
import type { Terminal } from './terminal.ts';
import { watchCommand } from './watch-command.ts';
import { whyCommand } from './why-command.ts';

interface Parts {
  readonly product: Product;
  readonly terminal: Terminal;
}

type Finish = (code: number) => void;

/** Of both commands. */
interface RunFlags extends ProjectFlags {
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly exclude: readonly string[];
  readonly forceExclude: boolean;
  readonly generated: boolean;
  readonly parser: ParserChoice;
  readonly cacheDir?: string;
  readonly cache: boolean;
  readonly concurrency?: number;
}

interface CheckFlags extends RunFlags {
  readonly format: readonly FormatName[];
  readonly outputFile: readonly string[];
  readonly output: readonly NamedOutput[];
  readonly stdinFilename: string;
  readonly steps?: string;
  readonly watch: boolean;
  readonly fix: boolean;
  readonly unsafeFixes: boolean;
  readonly diff: boolean;
  readonly baseline?: string | false;
  readonly failOnStale: boolean;
  readonly diffBase?: string;
  readonly ignoreSuppressions: boolean;
  readonly exitZero: boolean;
  readonly failOn: Severity;
  readonly maxWarnings?: number;
  readonly showSettings: boolean;
  readonly showFiles: boolean;
  readonly quiet: boolean;
  readonly stats: boolean;
  readonly verdict: boolean;
  readonly why?: string;
}

const WITH_SETTINGS = ['config', 'isolated', 'minConfidence', 'select', 'ignore', 'exclude'];
/** What other ways to use the command have a use for. */
const WITH_WHY = [...WITH_SETTINGS, 'why', 'format', 'parser'];
const WITH_SHOW = [...WITH_SETTINGS, 'generated', 'forceExclude'];

export function addCheck(program: Command, { product, terminal }: Parts, finish: Finish): void {
  const command = program
    .command('check')
    .description('check C and C++ files')
    .argument('[paths...]', 'files, folders, globs, or - for standard input; default: this folder')
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '--output-format, --format <name>',
        `how to write findings: ${Object.keys(FORMATS).join(', ')}; may be repeated, each with a file`,
      )
        .argParser(formatNames)
        .default([], 'full'),
    )
    .addOption(
      new Option('--output-file <file>', 'where the format goes instead of to standard output')
        .argParser(texts)
        .default([], 'none'),
    )
    .addOption(
      new Option('--output <format=file>', 'write this format there, besides the others')
        .argParser(namedOutputs)
        .default([], 'none'),
    )
    .option('-q, --quiet', 'print nothing but findings', false)
    .option('--verdict', 'say how each finding ends on simulated builds and versions', false)
    .option('--stats', 'print counts, time and memory to standard error', false)
    .optionsGroup('What to report:');
  addRunOptions(command)
    .option('--ignore-suppressions', 'report what comments suppress, too', false)
    .option('--baseline <file>', 'report only what this file does not know')
    .option('--no-baseline', 'do not heed the baseline of the configuration')
    .option('--diff-base <commit>', 'report only what is new since this commit (needs git)')
    .optionsGroup('Repairs:')
    .option('--fix', 'repair what has a fix and is beyond doubt, then report the rest', false)
    .option('--unsafe-fixes', 'with --fix or --diff: also what is likely, not certain', false)
    .option('--diff', 'print what --fix would change, and change nothing', false)
    .optionsGroup('Exit code:')
    .option('--exit-zero', 'exit with 0 even when something is found', false)
    .addOption(
      new Option('--fail-on <severity>', 'the least severity that makes the exit code 1')
        .choices(SEVERITIES)
        .default('info'),
    )
    .option('--max-warnings <number>', 'let so many warnings through', wholeNumber)
    .option('--fail-on-stale', 'exit with 1 when the baseline knows what is not found', false)
    .optionsGroup('Other:')
    .option(
      '--steps <list>',
      'use what `step index` and `step check` have written: files, a line each',
    )
    .option('--watch', 'check again whenever a file changes', false)
    .option(
      '--stdin-filename <file>',
      'what standard input is called, and where its headers are',
      'stdin.c',
    )
    .option(
      '--why <file:line>',
      'say what is known of the pointers there, and why it is reported or not',
    )
    .option('--show-settings', 'print the settings of the first file instead of checking', false)
    .option('--show-files', 'print the files that would be checked', false)
    .addHelpText(
      'after',
      `
Folders are walked for C and C++ files, honoring .gitignore; a file that is named is always checked.
Settings come from the nearest pymem-lint.toml, or pyproject.toml with [tool.pymem-lint], of each file.

Examples:
  pymem-lint check src/module.c
  pymem-lint check 'src/**/*.c' --ignore use-after-free
  pymem-lint check . --output-format concise --quiet
  pymem-lint check . --output sarif=findings.sarif --output markdown=summary.md
  pymem-lint check . --select default,untracked-allocation
  pymem-lint check . --diff-base origin/main
  pymem-lint check . --fix
  pymem-lint check --why src/module.c:120`,
    )
    .action(async (paths: string[], flags: CheckFlags) => {
      const run = runOptions(paths, flags, command);
      if (flags.why !== undefined) {
        refuseOthers(command, WITH_WHY, '--why');
        const format = flags.format.at(-1) ?? 'full';
        finish(await whyCommand({ ...run, place: flags.why, paths, format }, product, terminal));
        return;
      }
      if (flags.showSettings || flags.showFiles) {
        const [own, show] = flags.showFiles
          ? (['showFiles', 'files'] as const)
          : (['showSettings', 'settings'] as const);
        refuseOthers(command, [...WITH_SHOW, own], `--show-${show}`);
        finish(settingsCommand({ ...run, show }, product.rules, terminal));
        return;
      }
      if (flags.unsafeFixes && !flags.fix && !flags.diff) {
        throw new UsageError('--unsafe-fixes goes with --fix or --diff.');
      }
      if (command.getOptionValueSource('stdinFilename') === 'cli' && !paths.includes('-')) {
        throw new UsageError('--stdin-filename is what - is called: add it to the paths.');
      }
      const options = {
        ...run,
        outputs: outputsOf(flags),
        fix: fixOf(flags),
        unsafe: flags.unsafeFixes,
        stdinFilename: flags.stdinFilename,
        ignoreSuppressions: flags.ignoreSuppressions,
        baseline: flags.baseline ?? null,
        diffBase: flags.diffBase ?? null,
        exitZero: flags.exitZero,
        failOn: flags.failOn,
        maxWarnings: flags.maxWarnings ?? null,
        failOnStale: flags.failOnStale,
        isQuiet: flags.quiet,
        withStats: flags.stats,
        withVerdict: flags.verdict,
      };
      if (flags.watch && options.fix !== 'no') {
        throw new UsageError('--watch changes nothing: leave --fix and --diff out.');
      }
      if (flags.steps !== undefined && (flags.watch || options.fix !== 'no')) {
        throw new UsageError(
          '--steps uses what was made before: leave --watch, --fix and --diff out.',
        );
      }
      if (flags.steps !== undefined) {
        finish(await checkWithSteps(options, flags.steps, product, terminal));
      } else if (flags.watch) await watchCommand(options, product, terminal);
      else finish(await checkCommand(options, product, terminal));
    });
}

export function addBaseline(program: Command, { product, terminal }: Parts, finish: Finish): void {
  const command = program
    .command('baseline')
    .description('take what is found for known, so that only what is new is reported')
    .argument('[paths...]', 'files, folders and globs; default: this folder')
    .option('--file <file>', `the baseline; default: the configuration's, or ${DEFAULT_BASELINE}`)
    .option('--prune', 'only remove what is no longer found', false);
  addRunOptions(command).addHelpText(
    'after',
    `
Findings are known by the text of their lines, so they stay known when lines move.

Examples:
  pymem-lint baseline                  know everything that is found now
  pymem-lint check --baseline ${DEFAULT_BASELINE} --fail-on-stale
  pymem-lint baseline --prune          forget what was repaired`,
  );
  command.action(
    async (
      paths: string[],
      flags: RunFlags & { readonly file?: string; readonly prune: boolean },
    ) => {
      const { file, prune } = flags;
      const options = { ...runOptions(paths, flags, command), file: file ?? null, prune };
      finish(await baselineCommand(options, product, terminal));
    },
  );
}

function addRunOptions(command: Command): Command {
  return command
    .addOption(
      namesOption(
        '--select <rules>',
        "only these rules, separated by commas; 'default' and 'all' are groups",
      ),
    )
    .addOption(namesOption('--ignore <rules>', 'not these rules, separated by commas'))
    .addOption(confidenceOption())
    .addOption(configOption())
    .addOption(isolatedOption())
    .addOption(namesOption('--exclude <patterns>', 'leave these files out, as .gitignore does'))
    .option('--force-exclude', 'leave out what is excluded even where it is named', false)
    .option('--no-generated', 'leave out what Cython, SWIG and the like have written')
    .option('--cache-dir <folder>', "where results are kept; default: the user's cache folder")
    .option('--no-cache', 'check everything anew, and keep nothing')
    .option(
      '--concurrency <threads>',
      'check with so many threads; default: the cores, where there is work for them',
      threads,
    )
    .addOption(parserOption());
}

function runOptions(
  paths: readonly string[],
  flags: RunFlags,
  command: Command,
): Omit<RunOptions, 'baseline'> {
  const isSaid = command.getOptionValueSource('generated') === 'cli';
  return {
    ...projectOptions(flags),
    paths: paths.length === 0 ? ['.'] : paths,
    select: flags.select,
    ignore: flags.ignore,
    exclude: flags.exclude,
    generated: isSaid ? flags.generated : null,
    forceExclude: flags.forceExclude,
    parser: flags.parser,
    stdinFilename: 'stdin.c',
    ignoreSuppressions: false,
    diffBase: null,
    concurrency: flags.concurrency ?? null,
    cacheDir: flags.cache ? (flags.cacheDir ?? null) : false,
  };
}

function fixOf({ diff, fix }: CheckFlags): FixOptions['fix'] {
  if (diff) return 'diff';
  return fix ? 'write' : 'no';
}

/** The nth file is for the nth format; what has no file goes to standard output. */
function outputsOf({ format: named, outputFile, output }: CheckFlags): OutputChoice[] {
  const formats = named.length === 0 ? (['full'] as const) : named;
  if (outputFile.length > formats.length) {
    throw new UsageError('--output-file was given more often than --output-format.');
  }
  const paired = formats.map((format, index) => ({ format, file: outputFile[index] ?? null }));
  const toTerminal = paired.filter(({ file }) => file === null);
  if (toTerminal.length > 1) {
    const names = toTerminal.map(({ format }) => format).join(' and ');
    throw new UsageError(
      `${names} cannot both go to standard output: use --output ${toTerminal[0]?.format}=FILE.`,
    );
  }
  const all = [...output, ...paired];
  const files = all.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, index) => files.indexOf(file) < index);
  if (twice !== undefined) throw new UsageError(`two formats cannot both go to '${twice}'.`);
  return all;
}

/** Throws UsageError when an option was given that is not among `used`. */
function refuseOthers(command: Command, used: readonly string[], by: string): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (!used.includes(name) && command.getOptionValueSource(name) === 'cli') {
      throw new UsageError(`${by} has no use for ${option.long ?? name}.`);
    }
  }
}
