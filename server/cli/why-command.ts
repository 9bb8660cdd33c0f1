// `pymem-lint check --why FILE:LINE`: what the analyzer knows about the pointers on a line, and why it
// speaks or is silent there.
import { resolve } from 'node:path';
import { loadParser, type ParserChoice, readProgram } from './analyze.ts';
import { writeNotes } from './check-command.ts';
import type { Product } from './check-run.ts';
import type { FormatName } from './formats/index.ts';
import { displayPath } from '../files/c-files.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { jsonFinding } from './formats/json.ts';
import { loadProject, type ProjectOptions } from './load-project.ts';
import { parsePlace, withSiblings } from './place.ts';
import type { Terminal } from './terminal.ts';
import { whyText } from './why-text.ts';

export interface WhyOptions extends ProjectOptions {
  /** FILE:LINE or FILE:LINE:COLUMN. */
  readonly place: string;
  /** What the file is checked with; none: the C files beside it. */
  readonly paths: readonly string[];
  readonly format: FormatName;
  readonly parser: ParserChoice;
}

export async function whyCommand(
  options: WhyOptions,
  product: Product,
  terminal: Terminal,
): Promise<ExitCode> {
  const { format } = options;
  if (format !== 'full' && format !== 'json') {
    throw new UsageError(`--why writes full or json, not ${format}.`);
  }
  const { cwd } = terminal;
  const project = loadProject(options, product.rules, cwd);
  const { file: given, line } = parsePlace(options.place, cwd);
  if (line === null) throw new UsageError(`--why needs a line: ${given}:12, for example.`);
  const paths = options.paths.length === 0 ? withSiblings(given, cwd) : [given, ...options.paths];
  const { files, headers, unread, notes } = await readProgram({
    paths,
    cwd,
    input: null,
    project,
    texts: new Map(),
    forceExclude: false,
  });
  const name = displayPath(resolve(cwd, given), cwd);
  const file = files.find((each) => each.file === name);
  if (file === undefined) {
    const reason = unread.find((each) => each.file === name)?.reason ?? 'it is no C file';
    throw new UsageError(`'${given}' is not checked: ${reason}.`);
  }
  const lines = file.text.split('\n').length;
  if (line > lines) throw new UsageError(`${given} has ${lines} lines, there is no line ${line}.`);
  writeNotes(notes, terminal);
  const parser = await loadParser(options.parser, product.engine);
  const settings = project.settingsOf(resolve(cwd, given));
  const why = product.engine.why([...files, ...headers], { file: name, line }, parser, settings);
  if (format === 'json') {
    const findings = why.findings.map(({ finding, hiddenBecause }) => {
      return { ...jsonFinding(finding), hiddenBecause };
    });
    terminal.out.write(`${JSON.stringify({ ...why, findings }, null, 2)}\n`);
  } else {
    terminal.out.write(whyText(why, terminal.out.colors));
  }
  return EXIT.clean;
}
