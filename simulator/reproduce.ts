// reproduce(path): a C extension module that does what a flagged path does, on the reader's own Python, and
// the script that builds and runs it. The prediction is the simulator's and stands in a comment.
import type { FlaggedPath } from './flagged-path.ts';
import { judge, type Judgment } from './judgment.ts';
import { heapOf } from './modelled-heap.ts';
import { readFlaggedPath } from './read-path.ts';
import { functionText, inComment } from './reproduce-body.ts';
import { PRELUDE } from './reproduce-prelude.ts';
import { scriptText } from './reproduce-script.ts';
import { runPath } from './run-path.ts';
import { wrap } from './styled-text.ts';
import { BUILDS, buildName, MODEL, RELEASE, type Target } from './target.ts';
import type { TrackedBlock } from './tracked-block.ts';
import { certaintyWords, endWords } from './verdict-words.ts';

export interface Reproduction {
  /** The extension module `repro`, one file. */
  readonly source: string;
  /** A POSIX shell script: builds it and runs it plain, under the debug hooks, ASan and Valgrind. */
  readonly script: string;
  /** How it ends on each build. */
  readonly predictions: readonly Judgment[];
}

export interface ReproduceOptions {
  /** What the finding says, for the comment at the top. */
  readonly title: string;
  /** The Python and the C library that the prediction is for. */
  readonly target: Target;
}

/** null where the path touches no memory that C code can take without its library. */
export function reproduce(value: FlaggedPath, options: ReproduceOptions): Reproduction | null {
  const path = readFlaggedPath(value);
  if (!isReproducible(path)) return null;
  const predictions = predictionsOf(path, options.target);
  const parts = [
    commentText(path, options, predictions),
    PRELUDE,
    reproductionBody('follow_path', path),
    moduleText(['follow_path']),
  ];
  return { source: parts.join('\n'), script: scriptText(path), predictions };
}

/** How the program ends on each build, on the heap that it prepares. */
export function predictionsOf(path: FlaggedPath, target: Target): readonly Judgment[] {
  return BUILDS.map((build) => judge(path, { ...target, build }));
}

/** The path as one C function; needs the prelude. */
export function reproductionBody(name: string, path: FlaggedPath): string {
  return functionText(name, path, subjectOf(path));
}

/** The module: runs the function whose number is in REPRO_PATH, the first by default, and ends. */
export function moduleText(functions: readonly string[]): string {
  return `static void (*const paths[])(void) = { ${functions.join(', ')} };

static struct PyModuleDef module = { PyModuleDef_HEAD_INIT, .m_name = "repro", .m_size = -1 };

PyMODINIT_FUNC PyInit_repro(void)
{
    const char *number = getenv("REPRO_PATH");
    paths[number == NULL ? 0 : atoi(number)]();
    /* Nothing more: what the interpreter does on a damaged heap is another story. */
    _exit(0);
    return PyModule_Create(&module);
}
`;
}

/** Whether what the flagged step is about is served by a heap that the prelude knows. */
export function isReproducible(path: FlaggedPath): boolean {
  const flagged = path.steps[path.fault];
  if (flagged === undefined) return false;
  if (!('block' in flagged)) return 'family' in flagged || flagged.kind === 'thread-state';
  return path.steps.some((step) => {
    if (step.kind === 'place') return step.block === flagged.block;
    if (step.kind === 'alloc') return step.block === flagged.block && heapOf(step.family) !== null;
    return step.kind === 'realloc' && step.into === flagged.block && heapOf(step.family) !== null;
  });
}

/** The block whose fate the aftermath is about, on the first build that lives to see one. */
function subjectOf(path: FlaggedPath): TrackedBlock | null {
  for (const build of BUILDS) {
    const options = { keeping: 'outcome', before: 'usual' } as const;
    const { subject } = runPath(path, { ...RELEASE, build }, options);
    if (subject !== null) return subject;
  }
  return null;
}

function commentText(
  path: FlaggedPath,
  { title, target }: ReproduceOptions,
  predictions: readonly Judgment[],
): string {
  const at = path.steps[path.fault]?.at;
  const place = at === undefined ? '' : ` (${at.file}:${at.line})`;
  const lines = [
    `${path.rule}${place}: ${title}`,
    '',
    'A reproduction by pymem-lint: the calls of the flagged path, in their order, with the heaps that',
    'serve them. Sizes that the source does not fix are chosen. Build and run: sh run.sh',
    '',
    `Predicted for CPython ${target.python} on ${target.libc.replace('-', ' ')} (simulated, model ${MODEL}):`,
    ...predictions.flatMap((each) => predictionLines(each)),
  ];
  return `/*\n${lines.map((line) => ` * ${inComment(line)}`.trimEnd()).join('\n')}\n */`;
}

function predictionLines({ target, end, others, dependsOn }: Judgment): readonly string[] {
  const text = `${buildName(target.build)}: it ${endWords(end)}; ${certaintyWords({ others, dependsOn })}.`;
  return wrap(text, 90, '    ').map((line) => `  ${line}`);
}
