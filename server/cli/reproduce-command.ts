// `pymem-lint reproduce`: writes a C program that does what a finding's path does, and the script that builds
// and runs it on the reader's own Python.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reproduce, type Reproduction } from '../../simulator/reproduce.ts';
import { buildName, type Target } from '../../simulator/target.ts';
import { endWords } from '../../simulator/verdict-words.ts';
import type { Finding } from '../finding.ts';
import type { ParserChoice } from './analyze.ts';
import { reasonOf } from '../reason-of.ts';
import type { Product } from './check-run.ts';
import { printable } from './display-text.ts';
import { EXIT, type ExitCode, UsageError } from './exit.ts';
import { exampleFinding } from './example-finding.ts';
import type { ProjectOptions } from './load-project.ts';
import { findFinding } from './replay-command.ts';
import type { Terminal } from './terminal.ts';

export interface ReproduceOptions extends ProjectOptions {
  /** FILE, FILE:LINE or FILE:LINE:COLUMN; null: `rule` is given. */
  readonly place: string | null;
  /** The rule whose first example is reproduced; null: `place` is given. */
  readonly rule: string | null;
  /** A folder for repro.c and run.sh; null: the program goes to standard output. */
  readonly outputDir: string | null;
  readonly python: Target['python'];
  readonly libc: Target['libc'];
  readonly parser: ParserChoice;
}

export async function reproduceCommand(
  options: ReproduceOptions,
  product: Product,
  terminal: Terminal,
): Promise<ExitCode> {
  const finding = await chosenFinding(options, product, terminal);
  const { python, libc, outputDir } = options;
  const target = { python, libc, build: 'release', bits: 64 } as const;
  const written = reproduce(finding.flaggedPath, { title: finding.message, target });
  if (written === null)
    throw new UsageError(
      `the path of '${finding.rule}' cannot be reproduced: the simulator does not know the allocator of its memory.`,
    );
  if (outputDir === null) terminal.out.write(written.source);
  else write(written, outputDir, terminal);
  return EXIT.clean;
}

async function chosenFinding(
  { place, rule, ...options }: ReproduceOptions,
  product: Product,
  terminal: Terminal,
): Promise<Finding> {
  if ((place === null) === (rule === null))
    throw new UsageError('name either a finding (FILE:LINE) or a rule (--rule NAME).');
  if (place !== null) return (await findFinding({ ...options, place }, product, terminal)).finding;
  return exampleFinding(rule ?? '', product, terminal, options.parser);
}

function write(written: Reproduction, folder: string, terminal: Terminal): void {
  const directory = resolve(terminal.cwd, folder);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'repro.c'), written.source);
    writeFileSync(join(directory, 'run.sh'), written.script);
    chmodSync(join(directory, 'run.sh'), 0o755);
  } catch (error) {
    throw new UsageError(`cannot write to '${folder}': ${reasonOf(error)}`);
  }
  const shown = printable(folder);
  terminal.out.write(`Wrote ${shown}/repro.c and ${shown}/run.sh. Run: sh ${shown}/run.sh\n`);
  for (const { target, end } of written.predictions)
    terminal.out.write(`  simulated, ${buildName(target.build)}: ${endWords(end)}\n`);
}
