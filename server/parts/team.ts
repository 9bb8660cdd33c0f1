// The threads that help with a check, as the one that leads it sees them: what they can do, and have in hand.
import type { FromHelper, ToHelper, Work } from './messages.ts';
import type { HandedFile } from './parsed-files.ts';

/** A thread that helps. */
export interface Helper {
  send(message: ToHelper): void;
  /** `message`: null when it has ended, for whatever reason. */
  listen(heard: (message: FromHelper | null) => void): void;
  end(): void;
}

/** What a helper is to do next, by its number: files or components. Empty: there is nothing for it. */
type Next = (helper: number) => readonly number[];

/** Shares that a helper has before it: it goes on while the leader is busy with a long function. */
const AHEAD = 2;

/** Helper number 1 is the first. */
export class Team {
  readonly #helpers: readonly Helper[];
  readonly #inHand: number[];
  /** By helper: what it is ready for. */
  readonly #ready = new Map<number, Work>();
  #work: Work = 'parse';
  #next: Next = () => [];
  #onParsed: (files: readonly HandedFile[], helper: number) => void = () => undefined;
  #onIdle: () => void = () => undefined;
  /** Of what was explored, as ReportTexts writes them. */
  readonly texts: string[] = [];
  /** Components. */
  explored = 0;

  constructor(helpers: readonly Helper[]) {
    this.#helpers = helpers;
    this.#inHand = helpers.map(() => 0);
    for (const [i, helper] of helpers.entries())
      helper.listen((message) => this.#heard(i, message));
  }

  get size(): number {
    return this.#helpers.length;
  }

  /** `except`: the number of a helper. */
  tellAll(message: ToHelper, except = 0): void {
    for (const [i, helper] of this.#helpers.entries()) if (i + 1 !== except) helper.send(message);
  }

  /** From here on helpers that are ready get files to parse. */
  parse(next: Next, heard: (files: readonly HandedFile[], helper: number) => void): void {
    this.#onParsed = heard;
    this.#start('parse', next);
  }

  /** From here on helpers that are ready get components to explore. */
  explore(next: Next): void {
    this.#start('explore', next);
  }

  /** Resolves when nobody has anything to explore in hand. */
  async finished(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  end(): void {
    for (const helper of this.#helpers) helper.end();
  }

  #start(work: Work, next: Next): void {
    this.#work = work;
    this.#next = next;
    for (const i of this.#ready.keys()) this.#give(i);
  }

  #isIdle(): boolean {
    return this.#inHand.every((count, i) => count === 0 || this.#ready.get(i) !== 'explore');
  }

  #heard(i: number, message: FromHelper | null): void {
    switch (message?.kind) {
      case 'ready':
        this.#ready.set(i, message.for);
        this.#inHand[i] = 0;
        break;
      case 'parsed':
        this.#inHand[i]!--;
        this.#onParsed(message.files, i + 1);
        break;
      case 'explored':
        this.#inHand[i]!--;
        this.explored += message.components.length;
        this.texts.push(message.reports);
        break;
      case undefined:
        this.#ready.delete(i);
    }
    this.#give(i);
    if (this.#isIdle()) this.#onIdle();
  }

  #give(i: number): void {
    while (this.#ready.get(i) === this.#work && this.#inHand[i]! < AHEAD) {
      const share = this.#next(i + 1);
      if (share.length === 0) return;
      this.#inHand[i]!++;
      this.#helpers[i]!.send(
        this.#work === 'parse'
          ? { kind: 'parse', files: share }
          : { kind: 'explore', components: share },
      );
    }
  }
}
