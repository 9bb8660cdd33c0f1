// Lines and columns as the client counts them: from 1, unless it said otherwise.

interface Range {
  readonly line: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

export class ClientPositions {
  readonly #line: number;
  readonly #column: number;

  constructor(client: { readonly linesStartAt1: boolean; readonly columnsStartAt1: boolean }) {
    this.#line = client.linesStartAt1 ? 0 : 1;
    this.#column = client.columnsStartAt1 ? 0 : 1;
  }

  /** From 1. */
  fromClient(line: number): number {
    return line + this.#line;
  }

  toClient(line: number): number {
    return line - this.#line;
  }

  /** From 0. */
  columnFromClient(column: number): number {
    return column + this.#column - 1;
  }

  range<T extends Range>(place: T): T {
    const { line, column, endLine, endColumn } = place;
    return {
      ...place,
      line: line - this.#line,
      ...(column === undefined ? {} : { column: column - this.#column }),
      ...(endLine === undefined ? {} : { endLine: endLine - this.#line }),
      ...(endColumn === undefined ? {} : { endColumn: endColumn - this.#column }),
    };
  }
}
