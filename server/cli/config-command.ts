// `pymem-lint config`: what a configuration file may say, as the schema has it.
import { configJsonSchema } from '../config/config-schema.ts';
import { configKeys } from '../config/config-docs.ts';
import { didYouMean } from '../nearest-name.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import type { Terminal } from './terminal.ts';

export interface ConfigOptions {
  /** null: the list of keys. */
  readonly key: string | null;
  readonly schema: boolean;
}

export function configCommand({ key, schema }: ConfigOptions, { out }: Terminal): ExitCode {
  if (schema) {
    out.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return EXIT.clean;
  }
  const keys = configKeys();
  const chosen = key === null ? keys : keys.filter(({ name }) => name === key);
  if (chosen.length === 0) {
    const names = keys.map(({ name }) => name);
    throw new UsageError(`there is no key '${key ?? ''}'.${didYouMean(key ?? '', names)}`);
  }
  const width = Math.max(...chosen.map(({ name }) => name.length));
  for (const { name, type, description, inner } of chosen) {
    out.write(`${out.colors.bold(name.padEnd(width))}  ${out.colors.dim(type)}\n`);
    out.write(`${' '.repeat(width)}  ${description}\n`);
    if (key === null) continue;
    for (const each of inner) {
      out.write(`  ${out.colors.bold(each.name)}  ${out.colors.dim(each.type)}\n`);
      out.write(`      ${each.description}\n`);
    }
  }
  return EXIT.clean;
}
