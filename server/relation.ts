// How two numbers are compared, in C and by its preprocessor.

export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=';

export function isRelation(operator: string): operator is Relation {
  return /^([=!<>]=|[<>])$/.test(operator);
}

export function relates(a: number, operator: Relation, b: number): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}
