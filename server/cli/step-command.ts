// `pymem-lint step index`, `step link`, `step check`: a check cut into steps for a build engine. Each reads what it is
// given and writes what it is told to, and nothing else.
import { resolve } from 'node:path';
import { displayPath } from '../files/c-files.ts';
import { readSource } from '../files/read-source.ts';
import { ownRows, withRows } from '../knowledge/row.ts';
import { indexText } from '../parts/index-file.ts';
import { explorePlan, link } from '../parts/steps.ts';
import type { Settings } from '../settings.ts';
import type { Parser } from '../syntax/parser.ts';
import { loadParser, type ParserChoice } from './analyze.ts';
import type { Product } from './check-run.ts';
import { UsageError } from './exit.ts';
import { loadProject, NO_PROJECT_OPTIONS } from './load-project.ts';
import { readIndexFile, readPlanFile, SUFFIXES, withLists, writeIfChanged } from './step-files.ts';
import type { Terminal } from './terminal.ts';

export interface StepOptions {
  /** The file with the functions of the project's own; null: there are none. */
  readonly config: string | null;
  readonly parser: ParserChoice;
}

export interface StepParts {
  readonly product: Product;
  readonly terminal: Terminal;
}

export interface IndexStepOptions extends StepOptions {
  readonly file: string;
  /** Where the index goes. */
  readonly output: string;
  /** Folders in which quoted includes are looked up. */
  readonly includePaths: readonly string[];
}

/** Throws UsageError. */
export async function indexStep(options: IndexStepOptions, parts: StepParts): Promise<void> {
  const { cwd, parser, withFunctions } = await begin(options, parts);
  const path = resolve(cwd, options.file);
  const source = readSource(path);
  // The check tells why; here it is a file with nothing in it.
  const text = source.kind === 'text' ? source.text : '';
  const includePaths = options.includePaths.map((folder) => displayPath(resolve(cwd, folder), cwd));
  const input = { file: displayPath(path, cwd), text, includePaths };
  const index = withFunctions(() => indexText(input, parser));
  writeIfChanged(options.output, index, cwd);
}

export interface LinkStepOptions extends StepOptions {
  /** `index=plan`, or an index alone. */
  readonly inputs: readonly string[];
  /** Whether an index alone gets a plan beside it; or none. */
  readonly beside: boolean;
}

/** Throws UsageError. */
export async function linkStep(options: LinkStepOptions, parts: StepParts): Promise<void> {
  const { cwd, parser, functions, withFunctions } = await begin(options, parts);
  const pairs = withLists(options.inputs, cwd).map((input) => {
    const [path = '', named = null] = input.split('=', 2);
    const beside = options.beside ? path.replace(/(?:\.idx)?$/, SUFFIXES.plan) : null;
    return { path, plan: named ?? beside, index: readIndexFile(path, cwd) };
  });
  const linked = pairs.map(({ path, index }) => ({ ...index, path }));
  const plans = withFunctions(() => link(linked, parser, functions));
  for (const { plan, index } of pairs) {
    if (plan === null) continue;
    writeIfChanged(plan, `${JSON.stringify(plans.get(index.source.file))}\n`, cwd);
  }
}

export interface CheckStepOptions extends StepOptions {
  readonly plan: string;
  /** Where the report goes. */
  readonly output: string;
  /** Where to write which of `all` were not read; null: nowhere. */
  readonly unusedList: string | null;
  /** Indexes that may be asked for. */
  readonly all: readonly string[];
}

/** Throws UsageError. */
export async function checkStep(options: CheckStepOptions, parts: StepParts): Promise<void> {
  const { cwd, parser, withFunctions } = await begin(options, parts);
  const plan = readPlanFile(options.plan, cwd);
  const used = new Set<string>();
  const report = withFunctions(() =>
    explorePlan(plan, parser, ({ index: path, hash, file }) => {
      used.add(path);
      const index = readIndexFile(path, cwd);
      if (index.hash !== hash) {
        throw new UsageError(
          `the index of ${file} is not the one of the plan: run step link again.`,
        );
      }
      return index;
    }),
  );
  writeIfChanged(options.output, report, cwd);
  if (options.unusedList === null) return;
  const unused = withLists(options.all, cwd).filter((path) => !used.has(path));
  writeIfChanged(options.unusedList, unused.map((path) => `${path}\n`).join(''), cwd);
}

interface Step {
  readonly cwd: string;
  readonly parser: Parser;
  /** The project's own. */
  readonly functions: Settings['functions'];
  /** Does work for which these are known. */
  readonly withFunctions: <T>(work: () => T) => T;
}

/** What every step needs. Throws UsageError for a configuration file that cannot be used. */
async function begin(
  { config, parser }: StepOptions,
  { product, terminal: { cwd } }: StepParts,
): Promise<Step> {
  const functions = config === null ? [] : functionsOf(config, product, cwd);
  const rows = ownRows(functions);
  return {
    cwd,
    parser: await loadParser(parser, product.engine),
    functions,
    withFunctions: (work) => withRows(rows, work),
  };
}

function functionsOf(config: string, { rules }: Product, cwd: string): Settings['functions'] {
  const project = loadProject({ ...NO_PROJECT_OPTIONS, config }, rules, cwd);
  return project.settingsOf(resolve(cwd, 'any')).functions;
}
