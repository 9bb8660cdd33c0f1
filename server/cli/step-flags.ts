// The options of `step` and `ninja` as a user types them.
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ParserChoice } from './analyze.ts';
import { ninjaCommand } from './ninja-command.ts';
import { configOption, namedOutputs, type NamedOutput, parserOption, texts } from './options.ts';
import {
  checkStep,
  indexStep,
  linkStep,
  type StepOptions,
  type StepParts,
} from './step-command.ts';

interface StepFlags {
  readonly config?: string;
  readonly parser: ParserChoice;
}

interface OutputFlags extends StepFlags {
  readonly output: string;
}

const LISTS = 'A name @LIST stands for the lines of the file LIST.';

export function addStep(program: Command, parts: StepParts): void {
  const step = program
    .command('step')
    .description('one step of a check that a build engine runs; see docs/build-systems.md')
    .addHelpText(
      'after',
      `
${LISTS} What is the same as before is not written again.

Examples:
  pymem-lint step index src/fill.c -o out/fill.c.idx
  pymem-lint step link out/fill.c.idx=out/fill.c.plan out/use.c.idx=out/use.c.plan
  pymem-lint step check out/fill.c.plan -o out/fill.c.report
  pymem-lint check src --steps out/steps.list`,
    );
  stepCommand(step, 'index', 'read one file, whatever the others are')
    .argument('<file>', 'a C or C++ file, or a header')
    .requiredOption('-o, --output <file>', 'the index, NAME.idx')
    .option('-I, --include <folder>', 'where what it includes with quotes is looked up', texts, [])
    .action(async (file: string, flags: OutputFlags & { readonly include: readonly string[] }) => {
      const { output, include: includePaths } = flags;
      await indexStep({ ...stepOptions(flags), file, output, includePaths }, parts);
    });
  stepCommand(step, 'link', 'say for each file what its check needs of all files')
    .argument('<index[=plan]...>', `every index, with the plan to write. ${LISTS}`)
    .option('--beside', 'write each plan beside its index, NAME.plan', false)
    .action(async (inputs: string[], flags: StepFlags & { readonly beside: boolean }) => {
      await linkStep({ ...stepOptions(flags), inputs, beside: flags.beside }, parts);
    });
  stepCommand(step, 'check', 'follow the functions of one file by its plan')
    .argument('<plan>', 'the plan of the file')
    .argument('[index...]', `indexes that it may read, for --unused-list. ${LISTS}`)
    .requiredOption('-o, --output <file>', 'the report, NAME.report')
    .option('--unused-list <file>', 'write which of the indexes were not read')
    .action(
      async (
        plan: string,
        all: string[],
        flags: OutputFlags & { readonly unusedList?: string },
      ) => {
        const { output, unusedList = null } = flags;
        await checkStep({ ...stepOptions(flags), plan, output, unusedList, all }, parts);
      },
    );
}

function stepOptions({ config, parser }: StepFlags): StepOptions {
  return { config: config ?? null, parser };
}

function stepCommand(step: Command, name: string, description: string): Command {
  return step
    .command(name)
    .description(description)
    .addOption(configOption())
    .addOption(parserOption());
}

interface NinjaFlags {
  readonly file: string;
  readonly folder: string;
  readonly output: readonly NamedOutput[];
  readonly config?: string;
}

const DEFAULT_RESULT: NamedOutput = { format: 'sarif', file: 'pymem-lint.sarif' };

export function addNinja(
  program: Command,
  { product, terminal, dist }: StepParts & { readonly dist: string },
): void {
  program
    .command('ninja')
    .description(
      'write a build file for Ninja that checks file by file, and again only what an edit changes',
    )
    .argument('[paths...]', 'files, folders and globs; default: this folder')
    .option('--file <file>', 'the build file, in this folder', 'pymem-lint.ninja')
    .option('--folder <folder>', 'for what the steps write', '.pymem-lint')
    .option(
      '--output <format=file>',
      `what the check writes; default: ${DEFAULT_RESULT.format}=${DEFAULT_RESULT.file}`,
      namedOutputs,
      [],
    )
    .addOption(configOption())
    .addHelpText(
      'after',
      `
Examples:
  pymem-lint ninja src --output json=findings.json
  ninja -f pymem-lint.ninja`,
    )
    .action(async (paths: string[], flags: NinjaFlags) => {
      const cli = join(dist, 'cli.cjs');
      await ninjaCommand(
        {
          paths: paths.length === 0 ? ['.'] : paths,
          output: flags.file,
          folder: flags.folder,
          results: flags.output.length === 0 ? [DEFAULT_RESULT] : flags.output,
          config: flags.config ?? null,
          program: { command: [process.execPath, cli], files: [cli] },
        },
        product,
        terminal,
      );
    });
}
