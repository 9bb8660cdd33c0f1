// How the time of a check grows with the size of a program: generated ones of 10,000, 100,000 and 1,000,000
// lines, or the files of some paths, checked once and five times over. A program of ten times the lines
// should take ten times the time: the last column says how far from that it is.
//   node scripts/run.mjs bench/growth.ts [PATHS...] [--most LINES]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SourceFile } from '../server/check.ts';
import { checkInTurns } from '../server/cli/check-in-turns.ts';
import { findFiles } from '../server/cli/find-files.ts';
import { DEFAULT_SETTINGS } from '../server/settings.ts';
import { loadParser } from '../server/syntax/load-parser.ts';
import { generatedFiles } from './generated-source.ts';
import { table } from './table.ts';

function copies(files: readonly SourceFile[], count: number): SourceFile[] {
  return Array.from({ length: count }, (_, i) =>
    files.map(({ file, text }) => ({ file: `copy${i}/${file}`, text })),
  ).flat();
}

/** From small to large. */
function programs(paths: readonly string[], most: number): (readonly SourceFile[])[] {
  if (paths.length === 0) {
    return [10_000, 100_000, 1_000_000].filter((n) => n <= most).map((n) => generatedFiles(n));
  }
  const files = findFiles(paths, process.cwd()).files.map((file) => ({
    file,
    text: readFileSync(file, 'utf8'),
  }));
  return [files, copies(files, 5)];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { most: { type: 'string', default: '1000000' } },
  });
  const parser = await loadParser({ backend: 'auto' });
  // Compiles the code.
  await checkInTurns(generatedFiles(5_000), parser, DEFAULT_SETTINGS);
  const rows: string[][] = [];
  let first = 0;
  for (const files of programs(positionals, Number(values.most))) {
    const before = process.cpuUsage();
    const { stats } = await checkInTurns(files, parser, DEFAULT_SETTINGS);
    const { user, system } = process.cpuUsage(before);
    const perLine = (user + system) / stats.lines;
    first ||= perLine;
    rows.push([
      String(stats.lines),
      ((user + system) / 1e6).toFixed(2),
      perLine.toFixed(1),
      String(stats.partial.length),
      (process.resourceUsage().maxRSS / 1024).toFixed(0),
      (perLine / first).toFixed(2),
    ]);
  }
  console.log(
    table(['lines', 'cpu s', 'µs/line', 'partial', 'peak MiB', 'x the first, per line'], rows),
  );
}

await main();
