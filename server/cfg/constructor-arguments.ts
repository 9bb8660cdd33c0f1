// `Guard hold(raw);` makes an object. The grammar of C++ takes it for the declaration of a function.
import type { SyntaxNode } from '../syntax/node.ts';
import { child } from '../syntax/node.ts';

/** The arguments, as in a call; null: it does declare a function. */
export function constructorArguments(declarator: SyntaxNode): SyntaxNode | null {
  if (declarator.type !== 'function_declarator') return null;
  if (child(declarator, 'declarator')?.type !== 'identifier') return null;
  const list = child(declarator, 'parameters');
  return list === undefined || list.children.length === 0 ? null : argumentsIn(list);
}

function argumentsIn(list: SyntaxNode): SyntaxNode | null {
  const children = list.children.filter((c) => c.type !== 'comment').map(expressionOf);
  return children.every((c) => c !== null) ? { ...list, type: 'argument_list', children } : null;
}

/** What was read as a parameter without a name: `raw`, `take(raw)`, `raws[0]`. */
function expressionOf(parameter: SyntaxNode): SyntaxNode | null {
  if (parameter.type !== 'parameter_declaration') return null;
  const [type, declarator, ...others] = parameter.children;
  if (type === undefined || others.length > 0 || !NAMES.has(type.type)) return null;
  const isPlain = type.type === 'type_identifier';
  const name = { ...type, type: isPlain ? 'identifier' : type.type };
  switch (declarator?.type) {
    case undefined:
      return { ...name, field: '' };
    case 'abstract_function_declarator': {
      const list = child(declarator, 'parameters');
      const given = list === undefined ? null : argumentsIn(list);
      if (given === null) return null;
      const children = [
        { ...name, field: 'function' },
        { ...given, field: 'arguments' },
      ];
      return { ...parameter, type: 'call_expression', children };
    }
    case 'abstract_array_declarator': {
      const size = child(declarator, 'size');
      if (size === undefined) return null;
      const children = [
        { ...name, field: 'argument' },
        { ...size, field: 'index' },
      ];
      return { ...parameter, type: 'subscript_expression', children };
    }
    default:
      return null;
  }
}

const NAMES: ReadonlySet<string> = new Set(['type_identifier', 'qualified_identifier']);
