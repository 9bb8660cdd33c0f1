// What a configuration file may say: keys, values, and the words that describe them. The JSON Schema, the
// table in the documentation and the reader are made from it.
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { PYTHONS } from '../../simulator/target.ts';
import { CONFIDENCES, SEVERITIES } from '../finding.ts';
import { RULES } from '../rules/index.ts';
import { SUPPRESSION_RULES } from '../suppressions/suppression-rules.ts';
import { DEFAULT_SETTINGS, RULE_GROUPS } from '../settings.ts';

const RULE_IDS: readonly string[] = [...RULES, ...SUPPRESSION_RULES].map(({ id }) => id);

const ruleId = v.picklist(RULE_IDS);
const ruleIds = v.array(ruleId);
const patterns = v.array(v.pipe(v.string(), v.nonEmpty()));
const cName = v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/, 'a C name'));
/** From 1, as in the attributes of C compilers. */
const position = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64));

/** Adds the sentence that the documentation and editors show. */
function key<const Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
): v.OptionalSchema<
  v.SchemaWithPipe<readonly [Schema, v.DescriptionAction<v.InferOutput<Schema>, string>]>,
  undefined
> {
  return v.optional(v.pipe(schema, v.description(description)));
}

const choice = {
  select: key(
    v.array(v.picklist([...RULE_GROUPS, ...RULE_IDS])),
    'The rules to report: ids, `default` for those that are on by default, `all` for every rule.',
  ),
  ignore: key(ruleIds, 'Rules to leave out of these.'),
  severity: key(
    v.strictObject(
      Object.fromEntries(RULE_IDS.map((id) => [id, v.optional(v.picklist(SEVERITIES))])),
    ),
    'Another severity for a rule: `severity = { memory-leak = "info" }`.',
  ),
  'min-confidence': key(
    v.picklist(CONFIDENCES),
    `Findings that are less certain are left out; default: \`${DEFAULT_SETTINGS.minConfidence}\`.`,
  ),
  generated: key(
    v.boolean(),
    'Check what Cython, SWIG, f2py and the like have written; default: true.',
  ),
};

const override = v.strictObject({
  paths: v.pipe(
    patterns,
    v.description('Files these settings are for: patterns as in .gitignore, from this folder.'),
  ),
  ...choice,
});

const FAMILY =
  'a family: `mem`, `raw`, `object`, `libc`, one of `families`, or one of the knowledge table';

const declaredFunction = v.strictObject({
  name: v.pipe(cName, v.description('The function or macro.')),
  like: key(v.string(), 'It does what this function of the C API does: `like = "PyMem_Malloc"`.'),
  allocates: key(v.string(), `It returns a new block of ${FAMILY}.`),
  releases: key(v.string(), `It releases a block of ${FAMILY}.`),
  reallocates: key(v.string(), `It resizes a block of ${FAMILY}.`),
  argument: key(position, 'Which argument is the block that it releases or resizes; default: 1.'),
  size: key(
    v.union([position, v.pipe(v.array(position), v.minLength(1), v.maxLength(2))]),
    'Which argument is the size in bytes; two: count and size of each.',
  ),
  'released-by': key(v.array(cName), 'The functions that may release what it returns.'),
  zeroed: key(v.boolean(), 'The block is filled with zeros.'),
  'never-null': key(v.boolean(), 'It does not return when there is no memory.'),
  'no-return': key(v.boolean(), 'Control does not come back.'),
});

export type DeclaredFunction = v.InferOutput<typeof declaredFunction>;

export const CONFIG = v.strictObject({
  ...choice,
  exclude: key(patterns, 'Files and folders to leave out: patterns as in .gitignore.'),
  'per-file-ignores': key(
    v.record(v.string(), ruleIds),
    'Rules to leave out in some files: `"tests/**" = ["memory-leak"]`.',
  ),
  overrides: key(v.array(override), 'Other settings for some files; a later one wins.'),
  functions: key(
    v.array(declaredFunction),
    "What functions of the project's own do to memory, where it cannot be seen in their code.",
  ),
  families: key(
    v.array(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'a name in kebab-case'))),
    "Allocators of the project's own, which `functions` may name.",
  ),
  'target-versions': key(
    v.array(v.picklist(PYTHONS)),
    'The Python versions to replay on; default: those that `requires-python` allows, or that of a virtual environment.',
  ),
  nolint: key(
    v.boolean(),
    'Heed NOLINT comments, too; default: true. Own comments are always heeded.',
  ),
  'require-reason': key(v.boolean(), 'A suppression without a reason is reported; default: false.'),
  baseline: key(v.string(), 'The file with the findings that are known, from this folder.'),
});

export type Config = v.InferOutput<typeof CONFIG>;
export type Choice = Pick<Config, keyof typeof choice>;

/** For editors, as published in docs/. */
export function configJsonSchema(): object {
  return {
    ...toJsonSchema(CONFIG, { errorMode: 'throw' }),
    title: 'pymem-lint',
    description: 'pymem-lint.toml, and the table tool.pymem-lint of pyproject.toml',
  };
}
