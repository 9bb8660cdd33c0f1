// `pymem-lint decode`: reads the text of a real crash, from a file or standard input, and says what it means.
import { decode, type Decoded } from '../../simulator/decode.ts';
import { plain, styled, type TextLine, wrap } from '../../simulator/styled-text.ts';
import { printable } from './display-text.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { styledOutput } from './styled-output.ts';
import type { Terminal } from './terminal.ts';
import { readFileOrFail } from './user-files.ts';

export interface DecodeOptions {
  /** `-`: standard input. */
  readonly file: string;
  readonly format: 'text' | 'json';
}

const WIDTH = 80;

/** 1 where nothing in the text is known. */
export async function decodeCommand(options: DecodeOptions, terminal: Terminal): Promise<ExitCode> {
  const found = decode(await textOf(options.file, terminal));
  if (options.format === 'json')
    terminal.out.write(`${JSON.stringify({ reports: found }, null, 2)}\n`);
  else if (found.length > 0)
    terminal.out.write(styledOutput(found.flatMap(reportText), terminal.out.colors));
  if (found.length > 0) return EXIT.clean;
  if (options.format === 'text')
    terminal.err.write(
      'pymem-lint: no report of glibc, CPython, AddressSanitizer or Valgrind in this text.\n' +
        'Run the program again with PYTHONMALLOC=debug and decode all of what it prints.\n',
    );
  return EXIT.findings;
}

async function textOf(file: string, terminal: Terminal): Promise<string> {
  // Debug reports hold raw bytes: each stands for itself.
  if (file === '-') return latin1(await terminal.readInput());
  return latin1(readFileOrFail(file, terminal.cwd));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function reportText(report: Decoded, index: number): readonly TextLine[] {
  const { source, line, quoted, meaning, causes, lookFor, rules, places } = report;
  return [
    ...(index === 0 ? [] : [[plain('')]]),
    [styled(`line ${line}, ${source}`, 'label')],
    ...wrap(printable(quoted), WIDTH - 2).map((each): TextLine => [styled(`  ${each}`, 'fault')]),
    ...paragraph('Means', [meaning]),
    ...paragraph(
      'Caused by',
      causes.map(({ from, to }) => `${from} -> ${to}`),
    ),
    ...paragraph('In', places),
    ...paragraph('Look for', lookFor),
    ...paragraph('Read', rules.length === 0 ? [] : [`pymem-lint rule NAME: ${rules.join(', ')}`]),
  ];
}

const LABEL = 12;

/** A label and what belongs to it, an item a line. */
function paragraph(label: string, items: readonly string[]): readonly TextLine[] {
  const lines = items.flatMap((item) => wrap(printable(item), WIDTH - LABEL, '  '));
  return lines.map((text, index) => [
    styled((index === 0 ? `  ${label}` : '').padEnd(LABEL), 'dim'),
    plain(text),
  ]);
}
