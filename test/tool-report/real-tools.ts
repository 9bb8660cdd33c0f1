// The subjects under the real AddressSanitizer and the real Valgrind. One interpreter for each tool and setting of
// PYTHONMALLOC; it forks for each subject, which is quicker than to start it again.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Target } from '../../simulator/target.ts';
import type { Tool } from '../../simulator/tool-finding.ts';
import { pythonConfig } from '../check/compiler.ts';
import { needs } from '../needs.ts';
import { realTarget } from '../reproduce/real-run.ts';

export const SUBJECTS = fileURLToPath(new URL('subjects.c', import.meta.url));
const PYTHON = '/usr/bin/python3';

/** `names` are the arguments; each child says what it prints in a file of its name. */
const SCRIPT = `
import sys, posix
sys.path.insert(0, '.')
import subjects
flags = posix.O_WRONLY | posix.O_CREAT | posix.O_TRUNC
for name in sys.argv[1:]:
    pid = posix.fork()
    if pid == 0:
        posix.dup2(posix.open(name + '.txt', flags), 2)
        subjects.run(name)
        break
    posix.waitpid(pid, 0)
    print(name, pid)
`;

export function needsRealTool(tool: Tool): ReturnType<typeof needs> {
  const isThere = realTarget() !== null && (tool === 'asan' ? libasan() !== null : hasValgrind());
  const name = tool === 'asan' ? 'libasan of gcc' : 'valgrind';
  return needs(`${name}, the headers of Python, and a simulated Python and glibc`, isThere);
}

/** Built once for a tool; the caller removes it. */
export function buildSubjects(tool: Tool): string {
  const folder = mkdtempSync(join(tmpdir(), 'tool-report-'));
  const flags = ['-g', '-O0', '-w', '-fPIC', '-shared', ...pythonConfig('--includes')];
  const sanitize = tool === 'asan' ? ['-fsanitize=address'] : [];
  // What CPython itself loses in a child that was forked.
  writeFileSync(join(folder, 'asan.supp'), 'leak:PyThread_allocate_lock\n');
  const lock = ['{', 'lock', 'Memcheck:Leak', '...', 'fun:PyThread_allocate_lock', '...', '}'];
  writeFileSync(join(folder, 'valgrind.supp'), lock.join('\n'));
  execFileSync('gcc', [...flags, ...sanitize, SUBJECTS, '-o', join(folder, 'subjects.so')]);
  return folder;
}

/** What the tool, and the process, printed for each of the names. */
export function runSubjects(
  folder: string,
  tool: Tool,
  build: Target['build'],
  names: readonly string[],
): ReadonlyMap<string, string> {
  const { PYTHONMALLOC: _, PYTHONDEVMODE: __, ...inherited } = process.env;
  const env = { ...inherited, ...(build === 'release' ? {} : { PYTHONMALLOC: build }) };
  const python = ['-S', '-c', SCRIPT, ...names];
  const { stdout, status, stderr } =
    tool === 'asan'
      ? spawnSync(PYTHON, python, { cwd: folder, encoding: 'utf8', env: { ...env, ...asan() } })
      : spawnSync('valgrind', [...VALGRIND, PYTHON, ...python], {
          cwd: folder,
          encoding: 'utf8',
          env,
        });
  const pids = stdout.split('\n').flatMap((line) => {
    const [name, pid] = line.split(' ');
    return name === undefined || pid === undefined ? [] : [{ name, pid }];
  });
  if (pids.length !== names.length) throw new Error(`${tool}, ${build}: exit ${status}: ${stderr}`);
  return new Map(
    pids.map(({ name, pid }) => {
      const files = [join(folder, `${name}.txt`), join(folder, `${pid}.log`)].filter(existsSync);
      const text = files.map((file) => readFileSync(file, 'latin1')).join('\n');
      for (const file of files) rmSync(file);
      return [name, text];
    }),
  );
}

const VALGRIND = [
  '--leak-check=full',
  '--show-leak-kinds=definite',
  '--undef-value-errors=no',
  '--num-callers=6',
  '--suppressions=valgrind.supp',
  '--log-file=%p.log',
];

function asan(): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: libasan() ?? '',
    ASAN_OPTIONS: 'detect_leaks=1:fast_unwind_on_malloc=0',
    LSAN_OPTIONS: 'suppressions=asan.supp:print_suppressions=0',
  };
}

function libasan(): string | null {
  const { stdout } = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const file = (stdout ?? '').trim();
  return file.startsWith('/') && existsSync(file) ? file : null;
}

function hasValgrind(): boolean {
  return spawnSync('valgrind', ['--version']).status === 0;
}
