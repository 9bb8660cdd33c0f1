// The command line as the user sees it: commands, options, help. Parses and dispatches; what a command
// does is in its own file.
import { Argument, Command, Help, Option } from 'commander';
import { BUILDS, LIBCS, PYTHONS, RELEASE, type Target } from '../../simulator/target.ts';
import type { Tool } from '../../simulator/tool-finding.ts';
import { TOOLS } from '../../simulator/tool-report.ts';
import type { Confidence } from '../finding.ts';
import type { ParserChoice } from './analyze.ts';
import type { Product } from './check-run.ts';
import { addBaseline, addCheck } from './check-flags.ts';
import { completionScript, type Shell, SHELLS } from './completion.ts';
import { configCommand } from './config-command.ts';
import { decodeCommand } from './decode-command.ts';
import { EXIT, UsageError } from './exit.ts';
import {
  confidenceOption,
  configOption,
  isolatedOption,
  parserOption,
  projectOptions,
  wholeNumber,
} from './options.ts';
import { mcpCommand } from './mcp-command.ts';
import { replayCommand, type ReplayFormat } from './replay-command.ts';
import { reproduceCommand } from './reproduce-command.ts';
import { ruleCommand } from './rule-command.ts';
import { addNinja, addStep } from './step-flags.ts';
import type { Terminal } from './terminal.ts';

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
    .configureHelp({ optionDescription: withoutNothing })
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
  pymem-lint check src --output sarif=findings.sarif
  pymem-lint replay src/fill.c:42      what that finding does to the heap
  pymem-lint rule mismatched-free      why it is wrong, what to write instead

Exit codes: 0 clean, 1 findings, 2 usage or internal error.`,
    );
  addCheck(program, parts, finish);
  addBaseline(program, parts, finish);
  addReplay(program, parts, finish);
  addReproduce(program, parts, finish);
  addDecode(program, parts, finish);
  addRule(program, parts, finish);
  addConfig(program, parts, finish);
  addServer(program, parts);
  addMcp(program, parts);
  addStep(program, parts);
  addNinja(program, parts);
  program
    .command('version')
    .description('print the version')
    .action(() => parts.terminal.out.write(`${parts.product.version}\n`));
  program
    .command('completion')
    .description('print a completion script; for bash: eval "$(pymem-lint completion bash)"')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => parts.terminal.out.write(completionScript(program, shell)));
  return {
    async run(args) {
      await program.parseAsync(args, { from: 'user' });
      return exitCode;
    },
  };
}

/** That an option is off unless it is given goes without saying. */
function withoutNothing(option: Option): string {
  const isOff = option.defaultValue === false || option.defaultValueDescription === 'none';
  const shown = new Option(option.flags, option.description);
  if (!isOff) shown.default(option.defaultValue, option.defaultValueDescription);
  if (option.argChoices !== undefined) shown.choices(option.argChoices);
  return new Help().optionDescription(shown);
}

type Finish = (code: number) => void;

interface ReplayFlags {
  readonly target?: Target['build'];
  readonly python?: Target['python'];
  readonly libc: Target['libc'];
  readonly config?: string;
  readonly isolated: boolean;
  readonly verdict: boolean;
  readonly tool?: Tool;
  readonly step?: number;
  readonly html?: string;
  readonly svg?: string;
  readonly format: ReplayFormat;
  readonly minConfidence?: Confidence;
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
      new Option(
        '--target <build>',
        'default: release and debug, details for the one that shows it best',
      ).choices(BUILDS),
    )
    .addOption(
      new Option(
        '--python <version>',
        `of CPython; default: ${RELEASE.python}, or the nearest that the project is for`,
      ).choices(PYTHONS),
    )
    .addOption(new Option('--libc <version>').choices(LIBCS).default(RELEASE.libc))
    .option('--verdict', 'how it ends on every simulated build and version', false)
    .addOption(
      new Option('--tool <name>', 'what a memory checker would print of the path').choices(TOOLS),
    )
    .option('--step <number>', 'show the heap after this step', wholeNumber)
    .option('--html <file>', 'write a self-contained page')
    .option('--svg <file>', 'write a picture of the heap, after --step or where it ends')
    .addOption(new Option('--format <name>').choices(['text', 'json']).default('text'))
    .addOption(confidenceOption())
    .addOption(configOption())
    .addOption(isolatedOption())
    .addOption(parserOption())
    .addHelpText(
      'after',
      `
Examples:
  pymem-lint replay src/fill.c:42
  pymem-lint replay src/fill.c:42 --verdict
  pymem-lint replay src/fill.c:42 --tool asan
  pymem-lint replay src/fill.c:42 --target debug --step 3
  pymem-lint replay src/fill.c:42 --python 3.8 --libc glibc-2.31
  pymem-lint replay src/fill.c --html crash.html`,
    )
    .action(async (place: string, flags: ReplayFlags) => {
      const options = {
        ...projectOptions(flags),
        place,
        build: flags.target ?? null,
        python: flags.python ?? null,
        libc: flags.libc,
        verdict: flags.verdict,
        tool: flags.tool ?? null,
        step: flags.step ?? null,
        html: flags.html ?? null,
        svg: flags.svg ?? null,
        format: flags.format,
        parser: flags.parser,
      };
      finish(await replayCommand(options, parts.product, parts.dist, parts.terminal));
    });
}

interface ReproduceFlags {
  readonly rule?: string;
  readonly outputDir?: string;
  readonly python: Target['python'];
  readonly libc: Target['libc'];
  readonly config?: string;
  readonly isolated: boolean;
  readonly minConfidence?: Confidence;
  readonly parser: ParserChoice;
}

function addReproduce(program: Command, { product, terminal }: ProgramParts, finish: Finish): void {
  program
    .command('reproduce')
    .description('write a C program that does what a finding does, for a real Python')
    .addArgument(new Argument('[file:line]', 'the finding nearest to that line'))
    .option('--rule <name>', "the rule's first example instead of a finding")
    .option('--output-dir <folder>', 'write repro.c and run.sh there; default: print the program')
    .addOption(
      new Option('--python <version>', 'that the prediction is for')
        .choices(PYTHONS)
        .default(RELEASE.python),
    )
    .addOption(
      new Option('--libc <version>', 'that the prediction is for')
        .choices(LIBCS)
        .default(RELEASE.libc),
    )
    .addOption(confidenceOption())
    .addOption(configOption())
    .addOption(isolatedOption())
    .addOption(parserOption())
    .addHelpText(
      'after',
      `
run.sh builds the program and runs it plain, with PYTHONMALLOC=debug, under AddressSanitizer and Valgrind.

Examples:
  pymem-lint reproduce src/fill.c:42 --output-dir crash && sh crash/run.sh
  pymem-lint reproduce --rule double-free > repro.c`,
    )
    .action(async (place: string | undefined, flags: ReproduceFlags) => {
      const options = {
        ...projectOptions(flags),
        place: place ?? null,
        rule: flags.rule ?? null,
        outputDir: flags.outputDir ?? null,
        python: flags.python,
        libc: flags.libc,
        parser: flags.parser,
      };
      finish(await reproduceCommand(options, product, terminal));
    });
}

function addDecode(program: Command, { terminal }: ProgramParts, finish: Finish): void {
  program
    .command('decode')
    .description('say what the text of a real crash means')
    .argument('[file]', 'a log; default: standard input', '-')
    .addOption(new Option('--format <name>').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Knows what glibc, CPython and its debug hooks, AddressSanitizer and Valgrind print.

Examples:
  pymem-lint decode crash.log
  PYTHONMALLOC=debug python3 -m pytest 2>&1 | pymem-lint decode`,
    )
    .action(async (file: string, flags: { readonly format: 'text' | 'json' }) => {
      finish(await decodeCommand({ file, format: flags.format }, terminal));
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

function addConfig(program: Command, { terminal }: ProgramParts, finish: Finish): void {
  program
    .command('config')
    .description('explain a key of the configuration file; without a name, list the keys')
    .argument('[key]')
    .option('--schema', 'print the JSON Schema', false)
    .action((key: string | undefined, flags: { readonly schema: boolean }) => {
      finish(configCommand({ key: key ?? null, schema: flags.schema }, terminal));
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

function addMcp(program: Command, { product, dist, terminal }: ProgramParts): void {
  program
    .command('mcp')
    .description('speak the Model Context Protocol on standard input and output')
    .addHelpText(
      'after',
      `
Tools: check, explain, replay, verify_fix. They read below the folder it is started in, and write nothing.`,
    )
    .action(() => mcpCommand(product, dist, terminal.cwd));
}
