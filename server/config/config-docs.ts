// The keys of a configuration file for readers: made from the schema.
import { toJsonSchema } from '@valibot/to-json-schema';
import { CONFIG } from './config-schema.ts';

export interface ConfigKey {
  readonly name: string;
  /** In words: `list of rules`. */
  readonly type: string;
  readonly description: string;
  /** The keys of each of its tables. */
  readonly inner: readonly ConfigKey[];
}

interface Schema {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly anyOf?: unknown;
  readonly items?: unknown;
  readonly properties?: unknown;
  readonly additionalProperties?: unknown;
  readonly description?: unknown;
}

export function configKeys(): ConfigKey[] {
  return keysOf(toJsonSchema(CONFIG));
}

/** A Markdown table of the keys, and one for the tables inside. */
export function configMarkdown(): string {
  return configKeys()
    .map(({ name, type, description, inner }) => {
      const keys = inner.map(
        (each) => `  - \`${each.name}\` (${each.type}). ${each.description}\n`,
      );
      return `- \`${name}\` (${type}). ${description}\n${keys.join('')}`;
    })
    .join('');
}

function keysOf(schema: Schema): ConfigKey[] {
  const { properties } = schema;
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).map(([name, value]) => {
    const own = asSchema(value);
    return {
      name,
      type: typeName(own),
      description: typeof own.description === 'string' ? own.description : '',
      inner: keysOf(asSchema(own.items)),
    };
  });
}

/** Longer choices are told elsewhere. */
const MOST_CHOICES = 6;

function typeName(schema: Schema): string {
  if (Array.isArray(schema.enum)) {
    if (schema.enum.every((value) => /^\d/.test(String(value)))) return 'version';
    return schema.enum.length > MOST_CHOICES
      ? 'rule'
      : schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  }
  if (Array.isArray(schema.anyOf)) {
    return schema.anyOf.map((one) => typeName(asSchema(one))).join(' or ');
  }
  switch (schema.type) {
    case 'array':
      return `list of ${typeName(asSchema(schema.items))}s`;
    case 'object': {
      const { additionalProperties: values } = schema;
      return typeof values === 'object' && values !== null
        ? `table of ${typeName(asSchema(values)).replace(/^list/, 'lists')}`
        : 'table';
    }
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number':
      return 'number';
    default:
      return 'text';
  }
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? value : {};
}
