// The arguments of the debug adapter protocol's requests that are answered here, as schemas: a client may send
// anything. What is not listed is ignored.
import * as v from 'valibot';

/** Count of lines, columns, children: never negative, never a fraction. */
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const integer = v.pipe(v.number(), v.safeInteger());
const source = v.object({
  name: v.optional(v.string()),
  path: v.optional(v.string()),
  sourceReference: v.optional(integer),
});
const frameId = v.optional(integer);
const step = v.object({
  granularity: v.optional(v.picklist(['statement', 'line', 'instruction'])),
});

export const INITIALIZE = v.object({
  linesStartAt1: v.optional(v.boolean(), true),
  columnsStartAt1: v.optional(v.boolean(), true),
  supportsANSIStyling: v.optional(v.boolean(), false),
  supportsMemoryEvent: v.optional(v.boolean(), false),
});
export const STEP = v.optional(step, {});
export const SET_BREAKPOINTS = v.object({
  source,
  breakpoints: v.optional(v.array(v.object({ line: integer })), []),
});
export const BREAKPOINT_LOCATIONS = v.object({
  source,
  line: integer,
  endLine: v.optional(integer),
});
export const SET_EXCEPTION_BREAKPOINTS = v.object({ filters: v.optional(v.array(v.string()), []) });
export const DATA_BREAKPOINT_INFO = v.object({
  variablesReference: v.optional(integer),
  name: v.string(),
  asAddress: v.optional(v.boolean(), false),
  bytes: v.optional(count),
});
export const SET_DATA_BREAKPOINTS = v.object({
  breakpoints: v.array(
    v.object({
      dataId: v.string(),
      accessType: v.optional(v.picklist(['read', 'write', 'readWrite']), 'write'),
    }),
  ),
});
export const STACK_TRACE = v.object({
  startFrame: v.optional(count, 0),
  levels: v.optional(count, 0),
});
export const FRAME = v.object({ frameId: integer });
export const VARIABLES = v.object({
  variablesReference: integer,
  start: v.optional(count, 0),
  count: v.optional(count, 0),
});
export const SOURCE = v.object({
  source: v.optional(source),
  sourceReference: v.optional(integer, 0),
});
export const EVALUATE = v.object({
  expression: v.string(),
  frameId,
  context: v.optional(v.string()),
});
export const COMPLETIONS = v.object({
  frameId,
  text: v.string(),
  column: integer,
  line: v.optional(integer),
});
export const READ_MEMORY = v.object({
  memoryReference: v.string(),
  offset: v.optional(integer, 0),
  count,
});
export const GOTO_TARGETS = v.object({ source, line: integer });
export const GOTO = v.object({ targetId: integer });
export const LOCATIONS = v.object({ locationReference: integer });

/** The arguments, or an Error that names the first one that is wrong. */
export function read<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value ?? {});
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const key = v.getDotPath(issue) ?? 'arguments';
  throw new Error(`${key}: ${issue.message}`);
}
