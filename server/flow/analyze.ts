// All functions of the program, callees first: explore, summarize, tell the listener what happens.
import type { Unit } from '../cfg/context.ts';
import type { Cfg } from '../cfg/instruction.ts';
import { apiRow } from '../knowledge/row.ts';
import type { Role } from '../knowledge/vocabulary.ts';
import { CallApplier } from './call.ts';
import { components, mentionedFunctions } from './call-graph.ts';
import { parseCondition } from '../preprocess/condition.ts';
import { assumeCompiled } from './condition.ts';
import type { Listener } from './events.ts';
import { entryState, explore } from './explore.ts';
import { Frame } from './frame.ts';
import { summarize } from './summarize.ts';
import type { Summary } from './summary.ts';
import { cellOf, type TransferContext } from './transfer.ts';
import type { TypeObject } from './type-objects.ts';
import { type FunctionDefinition, lower } from './unit.ts';

export interface AnalyzedFile {
  readonly unit: Unit;
  readonly functions: readonly FunctionDefinition[];
  readonly types: readonly TypeObject[];
}

export interface Unanalyzed {
  readonly file: string;
  readonly function: string;
  readonly reason: string;
}

export interface Analysis {
  readonly functions: number;
  readonly steps: number;
  readonly unanalyzed: readonly Unanalyzed[];
  /** Functions of which not every path was followed. */
  readonly partial: readonly string[];
}

interface Node {
  readonly file: string;
  readonly definition: FunctionDefinition;
  readonly cfg: Cfg;
  readonly mentions: ReadonlySet<string>;
  /** The types whose tp_dealloc this function is. */
  readonly deallocates: readonly string[];
}

/** Calls that make a function worth exploring. */
const MEMORY_ROLES: ReadonlySet<Role> = new Set([
  'alloc',
  'realloc',
  'free',
  'handle-free',
  'owned-result',
  'out-param-owned',
  'object-alloc',
  'object-free',
] as const);

export function analyze(files: readonly AnalyzedFile[], listen: Listener): Analysis {
  const unanalyzed: Unanalyzed[] = [];
  const nodes = files.flatMap((file) => nodesOf(file, unanalyzed));
  const local = new Map<string, Node[]>();
  const external = new Map<string, Node[]>();
  for (const node of nodes) {
    add(local, `${node.file}\n${node.definition.name}`, node);
    if (!node.cfg.isStatic) add(external, node.definition.name, node);
  }
  const resolve = (from: Node, name: string): readonly Node[] => {
    const here = local.get(`${from.file}\n${name}`) ?? [];
    const found = here.length > 0 ? here : (external.get(name) ?? []);
    // A function of the table keeps its meaning where the program is its implementation.
    if (apiRow(name) !== undefined && !found.some((n) => n.cfg.isStatic)) return [];
    // The same name in several programs of one workspace says nothing.
    return new Set(found.map((n) => n.file)).size > 1 ? [] : found;
  };
  const calleesOf = new Map(
    nodes.map((node) => [node, [...node.mentions].flatMap((name) => resolve(node, name))]),
  );
  const relevant = relevantNodes(nodes, calleesOf);
  const summaries = new Map<Node, Summary | null>();
  const partial: string[] = [];
  let steps = 0;
  const order = components(
    nodes.filter((n) => relevant.has(n)),
    (node) => calleesOf.get(node)!.filter((n) => relevant.has(n)),
  );
  for (const node of order.flat()) {
    const summaryOf = (name: string): Summary | null => {
      const found = resolve(node, name);
      if (found.length === 0) return null;
      const known = found.map((n) => summaries.get(n));
      if (known.some((s) => s === undefined || s === null)) return null;
      return { name, outcomes: known.flatMap((s) => s?.outcomes ?? []) };
    };
    const isDefined = (name: string): boolean => resolve(node, name).length > 0;
    const done = exploreFunction(node, { summaryOf, isDefined }, listen);
    summaries.set(node, done.summary);
    steps += done.steps;
    if (done.isPartial) partial.push(`${node.file}: ${node.definition.name}`);
  }
  return { functions: nodes.length, steps, unanalyzed, partial };
}

function nodesOf(file: AnalyzedFile, unanalyzed: Unanalyzed[]): Node[] {
  const nodes: Node[] = [];
  for (const definition of file.functions) {
    const cfg = lower(file.unit, definition);
    const name = file.unit.source.file;
    if (typeof cfg === 'string') {
      unanalyzed.push({ file: name, function: definition.name, reason: cfg });
      continue;
    }
    nodes.push({
      file: name,
      definition,
      cfg,
      mentions: mentionedFunctions(cfg),
      deallocates: file.types.filter((t) => t.dealloc === definition.name).map((t) => t.name),
    });
  }
  return nodes;
}

function add(map: Map<string, Node[]>, key: string, node: Node): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [node]);
  else list.push(node);
}

/** Functions that handle memory, whoever calls them, and what these call. */
function relevantNodes(
  nodes: readonly Node[],
  calleesOf: ReadonlyMap<Node, readonly Node[]>,
): ReadonlySet<Node> {
  const callers = new Map<Node, Node[]>();
  for (const node of nodes) {
    for (const callee of calleesOf.get(node)!) {
      const list = callers.get(callee);
      if (list === undefined) callers.set(callee, [node]);
      else list.push(node);
    }
  }
  const handles = (node: Node): boolean =>
    [...node.mentions].some((name) => {
      const row = apiRow(name);
      return row !== undefined && MEMORY_ROLES.has(row.role);
    });
  const relevant = new Set(nodes.filter(handles));
  const pending = [...relevant];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const caller of callers.get(node) ?? []) {
      if (relevant.has(caller)) continue;
      relevant.add(caller);
      pending.push(caller);
    }
  }
  for (const node of Array.from(relevant)) {
    for (const callee of calleesOf.get(node)!) relevant.add(callee);
  }
  return relevant;
}

function exploreFunction(
  node: Node,
  program: Pick<TransferContext, 'summaryOf' | 'isDefined'>,
  listen: Listener,
): { summary: Summary | null; steps: number; isPartial: boolean } {
  const frame = new Frame(node.cfg, node.file);
  const calls = new CallApplier(frame, listen, (state, place) => cellOf(frame, state, place));
  const context: TransferContext = { calls, listen, ...program };
  const [type] = node.deallocates;
  const entry = entryState(frame, (index) =>
    index === 0 && type !== undefined ? `type ${type}` : null,
  );
  for (const condition of node.definition.conditions) {
    assumeCompiled(frame, entry, parseCondition(condition.text), condition.holds);
  }
  const { exits, steps, isPartial } = explore(frame, entry, context);
  const summary = isPartial ? null : summarize(frame, exits);
  return { summary, steps, isPartial };
}
