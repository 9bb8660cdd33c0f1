// JSON schemas of the formats that other programs read, after their documentation: GitLab, "Code Quality report
// format"; reviewdog, proto/rdf/reviewdog.proto. Nothing else is allowed.

const text = { type: 'string', minLength: 1 };
const fromOne = { type: 'integer', minimum: 1 };

type Schema = Readonly<Record<string, unknown>>;

function object(properties: Record<string, Schema>, ...required: readonly string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

export const GITLAB_SCHEMA: Schema = {
  type: 'array',
  items: object(
    {
      description: text,
      check_name: text,
      fingerprint: text,
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: object(
        {
          // Relative to the repository, without ./
          path: { type: 'string', pattern: '^(?!\\./)' },
          lines: object({ begin: fromOne, end: fromOne }, 'begin'),
        },
        'path',
        'lines',
      ),
    },
    'description',
    'check_name',
    'fingerprint',
    'severity',
    'location',
  ),
};

const position = object({ line: fromOne, column: fromOne }, 'line');
const range = object({ start: position, end: position }, 'start');
const location = object({ path: text, range }, 'path');
const source = object({ name: text, url: text }, 'name');

export const RDJSON_SCHEMA: Schema = object(
  {
    source,
    severity: { enum: ['ERROR', 'WARNING', 'INFO'] },
    diagnostics: {
      type: 'array',
      items: object(
        {
          message: text,
          location,
          severity: { enum: ['UNKNOWN_SEVERITY', 'ERROR', 'WARNING', 'INFO'] },
          source,
          code: object({ value: text, url: text }, 'value'),
          suggestions: {
            type: 'array',
            items: object({ range, text: { type: 'string' } }, 'range', 'text'),
          },
          related_locations: {
            type: 'array',
            items: object({ message: text, location }, 'location'),
          },
          original_output: text,
        },
        'message',
        'location',
      ),
    },
  },
  'diagnostics',
);
