// Brings fixed texts to disk, or shows them as a diff. A file that changed meanwhile is left alone.
import { createTwoFilesPatch } from 'diff';
import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decode } from '../../files/decode-source.ts';
import { writeAtomic } from '../../files/write-atomic.ts';
import { reasonOf } from '../../reason-of.ts';
import { printable } from '../display-text.ts';
import type { Colors } from '../terminal.ts';
import { editBytes } from './edit-text.ts';
import type { FixedFile } from './fix-files.ts';

/** Why it was not written; null: it was. */
export function writeFixed({ file, before, text }: FixedFile, cwd: string): string | null {
  const path = resolve(cwd, file);
  try {
    accessSync(path, constants.W_OK);
    const bytes = readFileSync(path);
    const read = decode(bytes);
    // Under another name it is written already.
    if (read.kind === 'text' && read.text === text) return null;
    if (read.kind !== 'text' || read.text !== before) return 'it has changed meanwhile';
    const edited = editBytes(bytes, before, text);
    if (edited === null) return 'its encoding cannot be kept';
    writeAtomic(path, edited);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** A patch that `git apply` takes. */
export function diffOf({ file, before, text }: FixedFile, colors: Colors): string {
  const patch = createTwoFilesPatch(`a/${file}`, `b/${file}`, before, text, undefined, undefined, {
    context: 3,
  });
  const lines = patch.split('\n').filter((line) => !/^=+$/.test(line));
  if (!colors.isColorSupported) return lines.join('\n');
  return lines.map((line) => painted(line, colors)).join('\n');
}

function painted(line: string, colors: Colors): string {
  const text = printable(line.replaceAll('\t', '    '));
  if (line.startsWith('---') || line.startsWith('+++')) return colors.bold(text);
  if (line.startsWith('@@')) return colors.cyan(text);
  if (line.startsWith('-')) return colors.red(text);
  return line.startsWith('+') ? colors.green(text) : text;
}
