// Reads a FlaggedPath from untrusted JSON: a message, a file, a diagnostic's data. Says in one sentence
// what is wrong with it; judges shape and size only, never whether the steps make sense together.
import { isFamily } from './families.ts';
import type { FlaggedPath } from './flagged-path.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => string | null;

/** The same value, or an Error whose message is one sentence. */
export function readFlaggedPath(value: unknown): FlaggedPath {
  const problem = pathProblem(value);
  if (!isPath(value, problem)) throw new Error(`not a flagged path: ${problem}`);
  return value;
}

function isPath(_value: unknown, problem: string | null): _value is FlaggedPath {
  return problem === null;
}

/** More than any path that a reader could follow; each step keeps a frame. */
const MOST_STEPS = 2000;
/** Each is compared with all that were there before it. */
const MOST_BLOCKS = 1000;
/** UTF-16 units: a line of generated source may be long. */
const LONGEST_TEXT = 100_000;

const text: Check = (value) => {
  if (typeof value !== 'string') return 'must be text';
  return value.length <= LONGEST_TEXT ? null : `must have at most ${LONGEST_TEXT} characters`;
};
const flag: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false');
const count: Check = (value) =>
  isInteger(value) && value >= 0 ? null : 'must be a whole number from 0';
const integer: Check = (value) => (isInteger(value) ? null : 'must be a whole number');
const family: Check = (value) =>
  typeof value === 'string' && isFamily(value) ? null : 'must be an allocator family';
const outcome: Check = (value) =>
  value === 'ok' || value === 'null' ? null : "must be 'ok' or 'null'";
const region: Check = (value) =>
  value === 'stack' || value === 'static' ? null : "must be 'stack' or 'static'";
const nullableText: Check = (value) => (value === null ? null : text(value));

const span = object({ file: text, line: count, column: count, endLine: count, endColumn: count });
const size = object({ bytes: count, source: nullableText, chosen: flag });
const offset = object({ bytes: integer, source: nullableText, chosen: flag });

const PLACE = { block: text, place: text };
const ACCESS = { block: text, pointer: text, offset, size };
const CALL = { block: text, pointer: text, api: text, family };
const FRAME = { function: text };

/** What each kind of step must carry besides `at` and `text`. */
const STEPS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  enter: FRAME,
  leave: FRAME,
  branch: { condition: text, taken: flag },
  alloc: { ...CALL, size, zeroed: flag, outcome },
  place: { block: text, pointer: text, region, size },
  realloc: { ...CALL, into: text, size, outcome },
  free: { ...CALL, offset: integer },
  read: ACCESS,
  write: ACCESS,
  assign: PLACE,
  escape: PLACE,
  return: PLACE,
  drop: PLACE,
  'thread-state': { attached: flag },
};

function pathProblem(value: unknown): string | null {
  if (!isObject(value)) return 'it must be an object';
  if (value['version'] !== 1) return `its version must be 1, not ${show(value['version'])}`;
  const ruleProblem = text(value['rule']);
  if (ruleProblem !== null) return `its rule ${ruleProblem}`;
  const steps = value['steps'];
  if (!Array.isArray(steps)) return 'its steps must be a list';
  if (steps.length > MOST_STEPS)
    return `its steps must be at most ${MOST_STEPS}, not ${steps.length}`;
  for (const [index, step] of steps.entries()) {
    const problem = stepProblem(step);
    if (problem !== null) return `step ${index}: ${problem}`;
  }
  const blocks = steps.filter(({ kind }: Fields) => kind === 'alloc' || kind === 'realloc').length;
  if (blocks > MOST_BLOCKS)
    return `its steps must allocate at most ${MOST_BLOCKS} blocks, not ${blocks}`;
  const fault = value['fault'];
  if (!isInteger(fault) || fault < 0 || fault >= steps.length)
    return `its fault must be the index of one of its ${steps.length} steps, not ${show(fault)}`;
  return null;
}

function stepProblem(step: unknown): string | null {
  if (!isObject(step)) return 'it must be an object';
  const kind = step['kind'];
  const checks = typeof kind === 'string' && Object.hasOwn(STEPS, kind) ? STEPS[kind] : undefined;
  if (checks === undefined) return `its kind ${show(kind)} is unknown`;
  return object({ at: span, text, ...checks })(step);
}

function object(checks: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (!isObject(value)) return 'must be an object';
    for (const [key, check] of Object.entries(checks)) {
      const problem = check(value[key]);
      if (problem !== null) return `${key} ${problem}`;
    }
    return null;
  };
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Never looks inside: a value may contain itself. */
function show(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'string':
      return JSON.stringify(value.slice(0, 40));
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'a list' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}
