// The command line as the user sees it: commands, options, help. Parses and dispatches; what a command
// does is in its own file.
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { LIBCS, PYTHONS, RELEASE, type Target } from '../../simulator/target.ts';
import { CONFIDENCES, type Confidence } from '../finding.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { ParserChoice } from './analyze.ts';
import { checkCommand, FORMATS, type FormatName, type Product } from './check-command.ts';
import { EXIT, UsageError } from './exit.ts';
import { replayCommand, type ReplayFormat } from './replay-command.ts';
import { ruleCommand } from './rule-command.ts';
import type { Terminal } from './terminal.ts';
import { whyCommand } from './why-command.ts';

export interface ProgramParts {
  readonly product: Product;
  readonly terminal: Terminal;
  /** The folder of the built bundles. */
  readonly dist: string;
  /** Speaks the language server protocol on standard input and output until the client leaves. */
  readonly runServer: () => void | Promise<void>;
}

export interface Program {
  /** The exit code. Throws UsageError, and CommanderError after help and for a bad option. */
  run(args: readonly string[]): Promise<number>;
}

export function createProgram(parts: ProgramParts): Program {
  let exitCode: number = EXIT.clean;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('pymem-lint')
    .description(
      'Finds memory that CPython extensions release with a function of another family, and ' +
        'replays the path on a simulated heap.',
    )
    .version(parts.product.version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => parts.terminal.out.write(text),
      writeErr: (text) => parts.terminal.err.write(text),
    })
    .showHelpAfterError('Run with --help for the options.')
    .addHelpText(
      'after',
      `
Examples:
  pymem-lint check                     every C file below this folder
  pymem-lint check src --format sarif --output-file findings.sarif
  pymem-lint replay src/fill.c:42      what that finding does to the heap
  pymem-lint rule mismatched-free      why it is wrong, what to write instead

Exit codes: 0 clean, 1 findings, 2 usage or internal error.`,
    );
  addCheck(program, parts, finish);
  addReplay(program, parts, finish);
  addRule(program, parts, finish);
  addServer(program, parts);
  program
    .command('version')
    .description('print the version')
    .action(() => parts.terminal.out.write(`${parts.product.version}\n`));
  return {
    async run(args) {
      await program.parseAsync(args, { from: 'user' });
      return exitCode;
    },
  };
}

type Finish = (code: number) => void;

interface CheckFlags {
  readonly stdinFilename: string;
  readonly format: FormatName;
  readonly outputFile?: string;
  readonly minConfidence: Confidence;
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly parser: ParserChoice;
  readonly quiet: boolean;
  readonly stats: boolean;
  readonly why?: string;
  readonly generated: boolean;
}

function addCheck(program: Command, { product, terminal }: ProgramParts, finish: Finish): void {
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
      rulesOption(
        '--select <rules>',
        "only these rules, separated by commas; 'default' and 'all' are groups",
        'default',
      ),
    )
    .addOption(rulesOption('--ignore <rules>', 'not these rules, separated by commas', 'none'))
    .option('--no-generated', 'leave out what Cython, SWIG and the like have written')
    .addOption(parserOption())
    .option(
      '--why <file:line>',
      'say what is known of the pointers there, and why it is reported or not',
    )
    .option('--stats', 'print counts, time and memory to standard error', false)
    .option('-q, --quiet', 'print nothing but findings', false)
    .addHelpText(
      'after',
      `
Folders are walked for C and C++ files, honoring .gitignore; a file that is named is always checked.

Examples:
  pymem-lint check src/module.c
  pymem-lint check 'src/**/*.c' --ignore use-after-free
  pymem-lint check . --format concise --quiet
  pymem-lint check . --select default,untracked-allocation
  pymem-lint check --why src/module.c:120`,
    )
    .action(async (paths: string[], flags: CheckFlags) => {
      if (flags.why !== undefined) {
        const options = {
          place: flags.why,
          paths,
          format: flags.format,
          minConfidence: flags.minConfidence,
          select: flags.select,
          ignore: flags.ignore,
          parser: flags.parser,
        };
        finish(await whyCommand(options, product, terminal));
        return;
      }
      const options = {
        paths: paths.length === 0 ? ['.'] : paths,
        stdinFilename: flags.stdinFilename,
        format: flags.format,
        outputFile: flags.outputFile ?? null,
        minConfidence: flags.minConfidence,
        generated: flags.generated,
        select: flags.select,
        ignore: flags.ignore,
        parser: flags.parser,
        isQuiet: flags.quiet,
        withStats: flags.stats,
      };
      finish(await checkCommand(options, product, terminal));
    });
}

interface ReplayFlags {
  readonly target?: 'release' | 'debug';
  readonly python: Target['python'];
  readonly libc: Target['libc'];
  readonly step?: number;
  readonly html?: string;
  readonly format: ReplayFormat;
  readonly minConfidence: Confidence;
  readonly parser: ParserChoice;
}

function addReplay(program: Command, parts: ProgramParts, finish: Finish): void {
  program
    .command('replay')
    .description('replay a finding on the simulated heap')
    .addArgument(
      new Argument('<file:line>', 'the finding nearest to that line; without a line, the first'),
    )
    .addOption(
      new Option('--target <build>', 'default: both, details for the one that dies').choices([
        'release',
        'debug',
      ]),
    )
    .addOption(
      new Option('--python <version>', 'of CPython').choices(PYTHONS).default(RELEASE.python),
    )
    .addOption(new Option('--libc <version>').choices(LIBCS).default(RELEASE.libc))
    .option('--step <number>', 'show the heap after this step', wholeNumber)
    .option('--html <file>', 'write a self-contained page')
    .addOption(new Option('--format <name>').choices(['text', 'json']).default('text'))
    .addOption(confidenceOption())
    .addOption(parserOption())
    .addHelpText(
      'after',
      `
Examples:
  pymem-lint replay src/fill.c:42
  pymem-lint replay src/fill.c:42 --target debug --step 3
  pymem-lint replay src/fill.c:42 --python 3.8 --libc glibc-2.31
  pymem-lint replay src/fill.c --html crash.html`,
    )
    .action(async (place: string, flags: ReplayFlags) => {
      const options = {
        place,
        build: flags.target ?? null,
        python: flags.python,
        libc: flags.libc,
        step: flags.step ?? null,
        html: flags.html ?? null,
        format: flags.format,
        minConfidence: flags.minConfidence,
        parser: flags.parser,
      };
      finish(await replayCommand(options, parts.product, parts.dist, parts.terminal));
    });
}

function addRule(program: Command, { product, terminal }: ProgramParts, finish: Finish): void {
  program
    .command('rule')
    .description('explain a rule; without a name, list the rules')
    .argument('[name]')
    .option('--all', 'the pages of all rules', false)
    .action((name: string | undefined, flags: { readonly all: boolean }) => {
      finish(ruleCommand({ name: name ?? null, all: flags.all }, product.rules, terminal));
    });
}

function addServer(program: Command, { runServer }: ProgramParts): void {
  program
    .command('server')
    .description('speak the language server protocol')
    .option('--stdio', 'on standard input and output')
    // Editors add options of their own, such as --clientProcessId.
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: { readonly stdio?: boolean }) => {
      if (flags.stdio !== true) throw new UsageError('the server needs --stdio.');
      await runServer();
    });
}

function confidenceOption(): Option {
  return new Option('--min-confidence <level>', 'leave out what is less certain')
    .choices(CONFIDENCES)
    .default(DEFAULT_SETTINGS.minConfidence);
}

function parserOption(): Option {
  return new Option('--parser <backend>', 'which build of the C parser')
    .choices(['native', 'wasm', 'auto'])
    .default('auto');
}

function rulesOption(flags: string, description: string, otherwise: string): Option {
  return new Option(flags, description).argParser(names).default([], otherwise);
}

function names(value: string, previous: readonly string[]): string[] {
  const added = value.split(',').map((name) => name.trim());
  if (added.includes(''))
    throw new InvalidArgumentError('It must name rules, separated by commas.');
  return [...previous, ...added];
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}
