// The list of rules, in the order in which the documentation shows them.
import type { RuleDocs } from './rule.ts';

export const RULES: readonly RuleDocs[] = [];
