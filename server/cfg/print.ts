// A control-flow graph for a person: as text, one line per instruction, and as Graphviz DOT. Shows what
// is there; nothing is computed here.
import type { Span } from '../../simulator/flagged-path.ts';
import { successors } from './builder.ts';
import type { BasicBlock, Callee, Cfg, Instruction, Place, Terminator } from './instruction.ts';

/** Ends without a newline. `sourceLine` gives the source before the first instruction of each line. */
export function printCfg(cfg: Cfg, sourceLine: ((line: number) => string) | null = null): string {
  let shown = 0;
  const printed = ({ at, text }: PrintedLine): string => {
    if (sourceLine === null || at === null || at.line === shown) return `  ${text}`;
    shown = at.line;
    return `  // ${at.line}: ${sourceLine(at.line)}\n  ${text}`;
  };
  const blocks = cfg.blocks.map((block, index) => {
    shown = 0;
    return [`${index}:`, ...printBlock(block).map(printed)].join('\n');
  });
  return [printHead(cfg), ...blocks].join('\n');
}

/** A digraph; ends without a newline. */
export function printDot(cfg: Cfg): string {
  const nodes = cfg.blocks.map((block, index) => {
    const lines = [`${index}:`, ...printBlock(block).map(({ text }) => text)].map(
      (line) => `${escapeDot(line)}\\l`,
    );
    return `  ${index} [label="${lines.join('')}"];`;
  });
  const edges = cfg.blocks.flatMap(({ terminator }, index) =>
    successors(terminator).map((to, i) => {
      const label = edgeLabel(terminator, i);
      return `  ${index} -> ${to}${label === '' ? '' : ` [label="${escapeDot(label)}"]`};`;
    }),
  );
  return [
    `digraph "${escapeDot(cfg.name)}" {`,
    '  node [shape=box, fontname=monospace];',
    ...nodes,
    ...edges,
    '}',
  ].join('\n');
}

function printHead(cfg: Cfg): string {
  const parameters = cfg.parameters.map(({ local, struct }) => {
    const name = local === '' ? '_' : local;
    return struct === null ? name : `${name}: ${struct}`;
  });
  return `${cfg.isStatic ? 'static ' : ''}${cfg.name}(${parameters.join(', ')})`;
}

interface PrintedLine {
  /** Null: it has no place in the source. */
  readonly at: Span | null;
  readonly text: string;
}

function printBlock({ instructions, terminator }: BasicBlock): PrintedLine[] {
  const at = 'at' in terminator ? terminator.at : null;
  return [
    ...instructions.map((each) => ({ at: each.at, text: printInstruction(each) })),
    { at, text: printTerminator(terminator) },
  ];
}

export function printInstruction(instruction: Instruction): string {
  switch (instruction.op) {
    case 'constant':
      return `%${instruction.to} = ${instruction.value}`;
    case 'opaque':
      return `%${instruction.to} = opaque ${instruction.text ?? '?'}`;
    case 'literal':
      return `%${instruction.to} = literal ${instruction.text}`;
    case 'function':
      return `%${instruction.to} = function ${instruction.name}`;
    case 'load':
      return `%${instruction.to} = load ${printPlace(instruction.from)}`;
    case 'address':
      return `%${instruction.to} = &${printPlace(instruction.of)}`;
    case 'store':
      return `${printPlace(instruction.to)} := %${instruction.value}`;
    case 'binary':
      return `%${instruction.to} = %${instruction.left} ${instruction.operator} %${instruction.right}`;
    case 'unary':
      return `%${instruction.to} = ${instruction.operator}%${instruction.operand}`;
    case 'call': {
      const values = instruction.arguments.map(({ value }) => `%${value}`).join(', ');
      const through =
        instruction.through.length === 0 ? '' : ` through ${instruction.through.join(', ')}`;
      return `%${instruction.to} = call ${printCallee(instruction.callee)}(${values})${through}`;
    }
    case 'declare':
      return `declare ${instruction.local}${instruction.array ? '[]' : ''}`;
    case 'end-scope':
      return `end of ${instruction.local}`;
    default:
      return unknownKind(instruction);
  }
}

function printCallee(callee: Callee): string {
  switch (callee.kind) {
    case 'function':
      return callee.name;
    case 'member':
      return `%${callee.value}.${callee.name}`;
    case 'value':
      return `*%${callee.value}`;
    case 'operator':
      return `operator ${callee.name}`;
    default:
      return unknownKind(callee);
  }
}

export function printPlace(place: Place): string {
  switch (place.kind) {
    case 'local':
      return place.name;
    case 'global':
      return `::${place.name}`;
    case 'memory':
      return `*%${place.pointer}`;
    case 'field': {
      const struct = place.struct === null ? '' : `${place.struct}::`;
      return `${printBase(place.base)}.${struct}${place.name}`;
    }
    case 'element':
      return `${printBase(place.base)}[${place.index ?? '?'}]`;
    default:
      return unknownKind(place);
  }
}

function printBase(place: Place): string {
  return place.kind === 'memory' ? `(${printPlace(place)})` : printPlace(place);
}

function printTerminator(terminator: Terminator): string {
  switch (terminator.kind) {
    case 'goto':
      return `goto ${terminator.to}`;
    case 'branch': {
      const { condition, whenTrue, whenFalse, text, preprocessor } = terminator;
      const test = preprocessor ? text : `%${condition} {${text}}`;
      return `branch ${test} ? ${whenTrue} : ${whenFalse}`;
    }
    case 'switch': {
      const cases = terminator.cases.map(({ label, to }) => `%${label} -> ${to}`);
      const all = [...cases, `else -> ${terminator.otherwise}`].join(', ');
      return `switch %${terminator.value} {${terminator.text}} ${all}`;
    }
    case 'return':
      return terminator.value === null ? 'return' : `return %${terminator.value}`;
    case 'stop':
      return 'stop';
    default:
      return unknownKind(terminator);
  }
}

/** The label of the edge to the successor with this position. */
function edgeLabel(terminator: Terminator, position: number): string {
  switch (terminator.kind) {
    case 'branch':
      return position === 0 ? 'true' : 'false';
    case 'switch': {
      const chosen = terminator.cases[position];
      return chosen === undefined ? 'else' : `%${chosen.label}`;
    }
    case 'goto':
    case 'return':
    case 'stop':
      return '';
    default:
      return unknownKind(terminator);
  }
}

function escapeDot(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', ' ');
}

function unknownKind(value: never): never {
  throw new Error(`a kind that is not printed: ${JSON.stringify(value)}`);
}
