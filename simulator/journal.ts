// What a simulated process says: notes for the reader, and the bytes on its standard error. Ends the
// process with abort(). Knows no allocator.
import { type Operand, ProcessDeath } from './fault.ts';
import type { Word } from './word.ts';

export class Journal {
  #notes: string[] = [];
  #stderr = '';

  /** `explains`: whether anyone wants the notes. */
  constructor(readonly explains: boolean) {}

  /** One sentence about what an allocator checked or did, with its operands; asked for at once or never. */
  note(sentence: () => string): void {
    if (this.explains) this.#notes.push(sentence());
  }

  takeNotes(): readonly string[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  /** Standard error so far; one UTF-16 unit per byte. */
  get stderr(): string {
    return this.#stderr;
  }

  print(text: string): void {
    this.#stderr += text;
  }

  /** Prints `text` and raises SIGABRT. `operands`: what the check that fired read. */
  abort(text: string, reason: string, address: Word, operands: readonly Operand[] = []): never {
    this.print(text);
    throw new ProcessDeath('SIGABRT', this.#stderr, reason, Number(address), operands);
  }

  clone(): Journal {
    const copy = new Journal(this.explains);
    copy.#notes = [...this.#notes];
    copy.#stderr = this.#stderr;
    return copy;
  }
}
