// The programs that are compared: how each is run over files, and which lines it complains about.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Tool {
  readonly name: string;
  /** The program that must be there. */
  readonly needs: string;
  /** `folder`: for files of its own. */
  command(files: readonly string[], folder: string): readonly string[];
  /** A line of the output for each file that it could read, in the first group; null: it reads every file. */
  readonly read: RegExp | null;
  /** A line of the output with a finding about memory: file and line in the first two groups. */
  readonly finding: RegExp;
}

/** npm runs scripts in the folder of the package. */
const CLI = path.resolve('dist/cli.cjs');
const OWN = ['check', '--exit-zero', '--isolated', '--quiet', '--output-format', 'concise'];

/** This program, with so many threads; `cache`: the folder with results, null: none. */
export function ownTool(name: string, threads: number, cache: string | null): Tool {
  return {
    name,
    needs: process.execPath,
    command: (files) => [
      process.execPath,
      CLI,
      ...OWN,
      '--concurrency',
      String(threads),
      ...(cache === null ? ['--no-cache'] : ['--cache-dir', cache]),
      ...files,
    ],
    read: null,
    finding: /^(.+?):(\d+):\d+: (?:error|warning)/gm,
  };
}

/** Compilers give up on a file whose headers are not there. */
const READ = /^read (.+)$/gm;

/** One process each for cppcheck; one for each file for the compilers, one after the other. */
export function peers(): readonly Tool[] {
  const includes = spawnSync('python3-config', ['--includes'], { encoding: 'utf8' }).stdout ?? '';
  const folders = includes.trim().split(/\s+/).filter(Boolean);
  const perFile = (program: string, options: readonly string[]) => (files: readonly string[]) => [
    'sh',
    '-c',
    `for f in "$@"; do ${[program, ...options, ...folders].join(' ')} -I "$(dirname "$f")" "$f" -o /dev/null && echo "read $f"; done; true`,
    'sh',
    ...files,
  ];
  return [
    {
      name: 'cppcheck --library=python',
      needs: 'cppcheck',
      command: (files, folder) => {
        const list = path.join(folder, 'files.txt');
        writeFileSync(list, `${files.join('\n')}\n`);
        const template = '--template={file}:{line}:{id}';
        return ['cppcheck', '--library=python', '--quiet', template, `--file-list=${list}`];
      },
      read: null,
      finding:
        /^(.+?):(\d+):(?:mismatchAllocDealloc|memleak\w*|leak\w+|resourceLeak|doubleFree|dealloc\w+|autovarInvalidDeallocation|nullPointer\w*|useAfterFree)$/gm,
    },
    {
      name: 'gcc -fanalyzer',
      needs: 'gcc',
      command: perFile('gcc', ['-fanalyzer', '-S']),
      read: READ,
      finding: /^(.+?):(\d+):\d+: warning: .*\[-Wanalyzer-/gm,
    },
    {
      name: 'clang --analyze',
      needs: 'clang',
      command: perFile('clang', ['--analyze', '-Xanalyzer', '-analyzer-output=text']),
      read: READ,
      finding: /^(.+?):(\d+):\d+: warning: .*\[(?:unix|cplusplus|core)\./gm,
    },
  ];
}

/** `file:line` of each finding, once. */
export function findingsIn(output: string, { finding }: Tool): ReadonlySet<string> {
  return new Set(
    Array.from(output.matchAll(finding), ([, file = '', line]) => `${path.resolve(file)}:${line}`),
  );
}
