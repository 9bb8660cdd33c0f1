// `pymem-lint step index`, `step link`, `step check`: a check cut into steps for a build engine. Each reads what it is
// given and writes what it is told to, and nothing else.
import { resolve } from 'node:path';
import { displayPath } from '../files/c-files.ts';
import { readSource } from '../files/read-source.ts';
import { ownRows, withRows } from '../knowledge/row.ts';
import { indexText, readIndex } from '../parts/index-file.ts';
import type { Plan } from '../parts/plan.ts';
import { explorePlan, link } from '../parts/steps.ts';
import type { Settings } from '../settings.ts';
import { loadParser, type ParserChoice } from './analyze.ts';
import type { Product } from './check-run.ts';
import { UsageError } from './exit.ts';
import { loadProject, NO_PROJECT_OPTIONS } from './load-project.ts';
import { readFileOrFail, SUFFIXES, withLists, writeIfChanged } from './step-files.ts';
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

/** Throws UsageError. */
export async function indexStep(
  file: string,
  output: string,
  includePaths: readonly string[],
  options: StepOptions,
  { product, terminal }: StepParts,
): Promise<void> {
  const { cwd } = terminal;
  const path = resolve(cwd, file);
  const source = readSource(path);
  // The check tells why; here it is a file with nothing in it.
  const text = source.kind === 'text' ? source.text : '';
  const parser = await loadParser(options.parser, product.engine);
  const folders = includePaths.map((folder) => displayPath(resolve(cwd, folder), cwd));
  const input = { file: displayPath(path, cwd), text, includePaths: folders };
  const rows = ownRows(functionsOf(options, { product, terminal }));
  const index = withRows(rows, () => indexText(input, parser));
  writeIfChanged(resolve(cwd, output), index);
}

/** `inputs`: `index=plan`, or an index alone, whose file gets a plan `beside` it, or none. Throws UsageError. */
export async function linkStep(
  inputs: readonly string[],
  beside: boolean,
  options: StepOptions,
  parts: StepParts,
): Promise<void> {
  const { product, terminal } = parts;
  const { cwd } = terminal;
  const parser = await loadParser(options.parser, product.engine);
  const pairs = withLists(inputs, cwd).map((input) => {
    const [path = '', named = null] = input.split('=', 2);
    const plan = named ?? (beside ? path.replace(/(?:\.idx)?$/, SUFFIXES.plan) : null);
    return { path, plan, index: readIndex(readFileOrFail(resolve(cwd, path))) };
  });
  const functions = functionsOf(options, parts);
  const linked = pairs.map(({ path, index }) => ({ ...index, path }));
  const plans = withRows(ownRows(functions), () => link(linked, parser, functions));
  for (const { plan, index } of pairs) {
    if (plan === null) continue;
    writeIfChanged(resolve(cwd, plan), `${JSON.stringify(plans.get(index.source.file))}\n`);
  }
}

export interface CheckStepOptions extends StepOptions {
  /** Where to write which of `all` were not read; null: nowhere. */
  readonly unusedList: string | null;
  /** Indexes that may be asked for. */
  readonly all: readonly string[];
}

/** Throws UsageError. */
export async function checkStep(
  planFile: string,
  output: string,
  options: CheckStepOptions,
  parts: StepParts,
): Promise<void> {
  const { product, terminal } = parts;
  const { cwd } = terminal;
  const parser = await loadParser(options.parser, product.engine);
  const plan: unknown = JSON.parse(readFileOrFail(resolve(cwd, planFile)));
  if (!isPlan(plan)) throw new UsageError(`'${planFile}' is no plan: write it with step link.`);
  const used = new Set<string>();
  const rows = ownRows(functionsOf(options, parts));
  const report = withRows(rows, () =>
    explorePlan(plan, parser, ({ index: path, hash, file }) => {
      used.add(path);
      const index = readIndex(readFileOrFail(resolve(cwd, path)));
      if (index.hash !== hash) {
        throw new UsageError(
          `the index of ${file} is not the one of the plan: run step link again.`,
        );
      }
      return index;
    }),
  );
  writeIfChanged(resolve(cwd, output), report);
  if (options.unusedList === null) return;
  const unused = withLists(options.all, cwd).filter((path) => !used.has(path));
  writeIfChanged(resolve(cwd, options.unusedList), unused.map((path) => `${path}\n`).join(''));
}

/** Throws UsageError for a file that cannot be used. */
function functionsOf(
  { config }: StepOptions,
  { product, terminal }: StepParts,
): Settings['functions'] {
  if (config === null) return [];
  const options = { ...NO_PROJECT_OPTIONS, config };
  const project = loadProject(options, product.rules, terminal.cwd);
  return project.settingsOf(resolve(terminal.cwd, 'any')).functions;
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'facts' in value && 'own' in value;
}
