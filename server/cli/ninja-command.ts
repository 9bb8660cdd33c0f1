// `pymem-lint ninja`: a build file with the steps of a check, for an engine that runs what has changed, side by side.
import { dirname, resolve } from 'node:path';
import type { SourceFile } from '../check.ts';
import { displayPath } from '../files/c-files.ts';
import { readProgram } from './analyze.ts';
import type { Product } from './check-run.ts';
import { UsageError } from './exit.ts';
import { loadProject, NO_PROJECT_OPTIONS } from './load-project.ts';
import type { NamedOutput } from './options.ts';
import { SUFFIXES, writeIfChanged } from './step-files.ts';
import type { Terminal } from './terminal.ts';

export interface NinjaOptions {
  readonly paths: readonly string[];
  /** The build file. */
  readonly output: string;
  /** The folder for what the steps write. */
  readonly folder: string;
  /** What the check writes. */
  readonly results: readonly NamedOutput[];
  /** null: no configuration is read. */
  readonly config: string | null;
  /** The program that runs the steps. */
  readonly program: { readonly command: readonly string[]; readonly files: readonly string[] };
}

/** Throws UsageError. */
export async function ninjaCommand(
  options: NinjaOptions,
  { rules }: Pick<Product, 'rules'>,
  terminal: Terminal,
): Promise<void> {
  const { cwd } = terminal;
  const { paths, config } = options;
  const read = await readProgram({
    paths,
    cwd,
    input: null,
    project: loadProject({ ...NO_PROJECT_OPTIONS, config, isolated: config === null }, rules, cwd),
    texts: new Map(),
    forceExclude: false,
  });
  if (read.files.length === 0) throw new UsageError('there is no C file there.');
  if (dirname(resolve(cwd, options.output)) !== resolve(cwd)) {
    throw new UsageError(
      'the build file must be in the current folder: its names are taken from there.',
    );
  }
  writeIfChanged(options.output, ninjaText(read.files, read.headers, options, cwd), cwd);
}

function ninjaText(
  files: readonly SourceFile[],
  headers: readonly SourceFile[],
  { folder, results, config, program, paths }: NinjaOptions,
  cwd: string,
): string {
  const all = [...files, ...headers].map(({ file, includePaths = [] }) => ({
    file,
    includePaths,
    index: madeFrom(file, folder, SUFFIXES.index),
    plan: madeFrom(file, folder, SUFFIXES.plan),
    report: madeFrom(file, folder, SUFFIXES.report),
  }));
  const indexes = all.map(({ index }) => index);
  const command = program.command.map(quoted).join(' ');
  const withConfig = config === null ? '' : ` --config ${quoted(config)}`;
  const projectOptions = config === null ? ' --isolated' : withConfig;
  const outputs = results
    .map(({ format, file }) => ` --output ${quoted(`${format}=${file}`)}`)
    .join('');
  const sources = paths.map(quoted).join(' ');
  // Another program, or other declarations of functions, may find something else.
  const always = [...program.files, ...(config === null ? [] : [resolve(cwd, config)])];
  const implicit = always.map((path) => displayPath(path, cwd));
  const edges = [
    ...all.map(({ file, includePaths, index }) =>
      edge('index', [index], [file], implicit, {
        include: includePaths.map((path) => ` -I ${quoted(path)}`).join(''),
      }),
    ),
    edge(
      'link',
      all.map(({ plan }) => plan),
      indexes,
      implicit,
    ),
    ...all.map(({ plan, report }) => edge('check', [report], [plan], implicit)),
    edge(
      'merge',
      results.map(({ file }) => file),
      [...indexes, ...all.map(({ report }) => report)],
      [...all.map(({ file }) => file), ...implicit],
    ),
  ];
  return `# Written by pymem-lint ninja ${sources}. Write it again when files are added or renamed, or include others.
ninja_required_version = 1.5
builddir = ${escaped(folder)}
rule index
  command = ${command} step index $in$include -o $out${withConfig}
  description = index $in
  restat = 1
rule link
  command = ${command} step link --beside @${quoted(`${folder}/link.list`)}${withConfig}
  description = link
  rspfile = ${folder}/link.list
  rspfile_content = $in_newline
  restat = 1
rule check
  command = ${command} step check $in -o $out${withConfig}
  description = check $in
  restat = 1
rule merge
  command = ${command} check ${sources} --steps ${quoted(`${folder}/steps.list`)} --quiet --exit-zero --output-format concise${outputs}${projectOptions}
  description = merge
  rspfile = ${folder}/steps.list
  rspfile_content = $in_newline
${edges.join('')}`;
}

function edge(
  rule: string,
  outputs: readonly string[],
  inputs: readonly string[],
  implicit: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): string {
  const own = Object.entries(variables).map(([name, value]) => `  ${name} = ${value}\n`);
  return `build ${escapedAll(outputs)}: ${rule} ${escapedAll(inputs)} | ${escapedAll(implicit)}\n${own.join('')}`;
}

function escapedAll(paths: readonly string[]): string {
  return paths.map(escaped).join(' ');
}

/** Below the folder, wherever the file is. */
function madeFrom(file: string, folder: string, suffix: string): string {
  const inside = file
    .replace(/^[/\\]+/, '')
    .replaceAll('../', '__/')
    .replaceAll(':', '_');
  return `${folder}/${inside}${suffix}`;
}

/** For a shell, in a command of Ninja. */
function quoted(word: string): string {
  const text = /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return text.replaceAll('$', '$$$$');
}

/** A path in a build line of Ninja. */
function escaped(path: string): string {
  return path.replaceAll(/[$: ]/g, String.raw`$$$&`);
}
