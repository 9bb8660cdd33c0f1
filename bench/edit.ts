// How long an open file takes to be checked again after an edit inside one function, against a check of the
// same text from scratch, in the same run: the ratio should be below a tenth.
//   node scripts/run.mjs bench/edit.ts [FILE] [--rounds N]
// Default: a generated file of 12,000 lines.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CheckMemory } from '../server/check-memory.ts';
import { check } from '../server/check.ts';
import { DEFAULT_SETTINGS } from '../server/settings.ts';
import { loadParser } from '../server/syntax/load-parser.ts';
import { generatedSource } from './generated-source.ts';
import { cpuTime, median } from './measure.ts';
import { table } from './table.ts';

/** The offsets after statements inside functions, spread over the text. */
function places(text: string, count: number): number[] {
  const all = Array.from(text.matchAll(/^ {4}[^\n#/*]*;\n/gm), (m) => m.index + m[0].length);
  return Array.from(
    { length: count },
    (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]!,
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '15' } },
  });
  const [file] = positionals;
  const text = file === undefined ? generatedSource(12_000) : readFileSync(file, 'utf8');
  const parser = await loadParser({ backend: 'auto' });
  const run = (edited: string, memory: CheckMemory | null): void => {
    check([{ file: 'edited.c', text: edited }], parser, DEFAULT_SETTINGS, memory);
  };
  const memory = new CheckMemory();
  run(text, memory);
  const full: number[] = [];
  const again: number[] = [];
  for (const at of places(text, Number(values.rounds))) {
    const edited = `${text.slice(0, at)}    (void)0;\n${text.slice(at)}`;
    again.push(cpuTime(() => run(edited, memory)));
    full.push(cpuTime(() => run(edited, null)));
    run(text, memory);
  }
  const ratio = (numbers: readonly number[]): string => (median(numbers) / median(full)).toFixed(3);
  console.log(`${text.split('\n').length} lines, ${values.rounds} edits, median\n`);
  console.log(
    table(
      ['', 'cpu ms', 'x full'],
      [
        ['a check from scratch', median(full).toFixed(1), '1'],
        ['after an edit', median(again).toFixed(1), ratio(again)],
        [
          'after an edit, worst',
          Math.max(...again).toFixed(1),
          (Math.max(...again) / median(full)).toFixed(3),
        ],
      ],
    ),
  );
}

await main();
