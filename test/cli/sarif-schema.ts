// The part of SARIF 2.1.0 that the product writes, as a JSON schema: names, required properties, values
// and ranges as in the standard (OASIS, 2020), and nothing else allowed. The types of @types/sarif hold the
// writer to the rest.

const text = { type: 'string', minLength: 1 };
const index = { type: 'integer', minimum: -1 };
const fromOne = { type: 'integer', minimum: 1 };
const bag = { type: 'object' };
const level = { enum: ['none', 'note', 'warning', 'error'] };

type Schema = Readonly<Record<string, unknown>>;

function list(items: Schema, minItems = 0): Schema {
  return { type: 'array', items, minItems };
}

function object(properties: Record<string, Schema>, ...required: readonly string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

const message = object({ text, markdown: text }, 'text');
const artifactLocation = object(
  { uri: { type: 'string', format: 'uri-reference' }, uriBaseId: text },
  'uri',
);
const region = object(
  {
    startLine: fromOne,
    startColumn: fromOne,
    endLine: fromOne,
    endColumn: fromOne,
    snippet: object({ text: { type: 'string' } }, 'text'),
  },
  'startLine',
);
const physicalLocation = object(
  { artifactLocation, region, contextRegion: region },
  'artifactLocation',
);
const location = object({ id: index, physicalLocation, message }, 'physicalLocation');

const threadFlowLocation = object(
  {
    location,
    kinds: list(text),
    nestingLevel: { type: 'integer', minimum: 0 },
    executionOrder: index,
    state: { type: 'object', minProperties: 1, additionalProperties: message },
    importance: { enum: ['important', 'essential', 'unimportant'] },
  },
  'location',
);

const fix = object(
  {
    description: message,
    artifactChanges: list(
      object(
        {
          artifactLocation,
          replacements: list(
            object(
              { deletedRegion: region, insertedContent: object({ text: { type: 'string' } }) },
              'deletedRegion',
            ),
            1,
          ),
        },
        'artifactLocation',
        'replacements',
      ),
      1,
    ),
  },
  'artifactChanges',
);

const result = object(
  {
    ruleId: text,
    ruleIndex: index,
    level,
    rank: { type: 'number', minimum: -1, maximum: 100 },
    message,
    locations: list(location),
    relatedLocations: list(location),
    codeFlows: list(
      object(
        { threadFlows: list(object({ locations: list(threadFlowLocation, 1) }, 'locations'), 1) },
        'threadFlows',
      ),
    ),
    suppressions: list(
      object(
        {
          kind: { enum: ['inSource', 'external'] },
          status: { enum: ['accepted', 'underReview', 'rejected'] },
          justification: text,
        },
        'kind',
      ),
    ),
    partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
    fixes: list(fix),
    properties: bag,
  },
  'message',
);

const rule = object(
  {
    id: text,
    name: { type: 'string', pattern: '^[A-Z][A-Za-z]+$' },
    shortDescription: message,
    fullDescription: message,
    help: message,
    helpUri: { type: 'string', format: 'uri' },
    defaultConfiguration: object({ level }),
    properties: bag,
  },
  'id',
);

const driver = object(
  {
    name: text,
    informationUri: { type: 'string', format: 'uri' },
    version: text,
    semanticVersion: text,
    rules: list(rule),
  },
  'name',
);

const invocation = object(
  {
    executionSuccessful: { type: 'boolean' },
    toolExecutionNotifications: list(
      object({ level, message, locations: list(location) }, 'message'),
    ),
  },
  'executionSuccessful',
);

const run = object(
  {
    tool: object({ driver }, 'driver'),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    originalUriBaseIds: { type: 'object', additionalProperties: artifactLocation },
    invocations: list(invocation),
    results: list(result),
  },
  'tool',
);

export const SARIF_SCHEMA: Schema = object(
  {
    $schema: { type: 'string', format: 'uri' },
    version: { enum: ['2.1.0'] },
    runs: list(run),
  },
  'version',
  'runs',
);
