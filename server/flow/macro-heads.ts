// Functions whose heads are made by macros: `MODULE_INIT(base) { ... }` defines `PyInit_base`, not `base`.
import type { Unit } from '../cfg/context.ts';
import { expandUse } from '../preprocess/expand.ts';
import type { FunctionDefinition } from './functions.ts';

const MACRO_HEAD = /^([A-Za-z_]\w*)\((.*)\)$/;
/** The name before the last list of parameters. */
const DEFINED = /\b([A-Za-z_]\w*)\s*\([^()]*\)\s*$/;

/** The definition under the name that it has after preprocessing, where the macro is in view. */
export function afterExpansion(definition: FunctionDefinition, unit: Unit): FunctionDefinition {
  const [, macro, list] = MACRO_HEAD.exec(definition.name) ?? [];
  if (macro === undefined || list === undefined) return definition;
  const [expanded] = expandUse(macro, list, unit.macros);
  const name = expanded === undefined ? undefined : DEFINED.exec(expanded)?.[1];
  return name === undefined ? definition : { ...definition, name };
}
