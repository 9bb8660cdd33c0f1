// A tool as a client of the Model Context Protocol sees it: a name, a schema of what it takes, and a call that
// gives plain data. Arguments are held against the schema before the call.
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { UsageError } from '../cli/exit.ts';

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For the model that chooses: what it does and when to call it. */
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Throws UsageError with a sentence that says what to do. */
  call(args: unknown): Promise<Readonly<Record<string, unknown>>>;
}

type Schema = v.GenericSchema<unknown, unknown>;

export function defineTool<S extends Schema>(tool: {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: S;
  readonly run: (input: v.InferOutput<S>) => Promise<Readonly<Record<string, unknown>>>;
}): Tool {
  const { name, title, description, input, run } = tool;
  return {
    name,
    title,
    description,
    inputSchema: { ...toJsonSchema(input, { errorMode: 'ignore' }) },
    async call(args) {
      const parsed = v.safeParse(input, args ?? {});
      if (parsed.success) return run(parsed.output);
      throw new UsageError(parsed.issues.map(problem).join(' '));
    },
  };
}

function problem(issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue);
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `There is no argument '${key}'.`;
  return `${key === null ? 'The arguments' : `'${key}'`}: ${issue.message}.`;
}
