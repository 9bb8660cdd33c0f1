// The files that were read last, so that a header that every check looks at is not asked for each time. Bounded.
import type { Source } from '../files/decode-source.ts';

const MOST_FILES = 256;
/** In UTF-16 units; what is longer is read each time. */
const LONGEST = 128 * 1024;

export class RecentTexts {
  readonly #sources = new Map<string, Promise<Source>>();

  /** As it was read last, unless forgotten since; `read` may be under way for another caller. */
  get(uri: string, read: () => Promise<Source>): Promise<Source> {
    const known = this.#sources.get(uri);
    if (known !== undefined) {
      this.#keep(uri, known);
      return known;
    }
    const source = read();
    this.#keep(uri, source);
    const drop = (): void => {
      if (this.#sources.get(uri) === source) this.#sources.delete(uri);
    };
    source.then((done) => {
      if (done.kind === 'text' && done.text.length <= LONGEST) return;
      drop();
    }, drop);
    return source;
  }

  /** null: all. */
  forget(uri: string | null): void {
    if (uri === null) this.#sources.clear();
    else this.#sources.delete(uri);
  }

  #keep(uri: string, source: Promise<Source>): void {
    this.#sources.delete(uri);
    this.#sources.set(uri, source);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > MOST_FILES && oldest !== undefined) this.#sources.delete(oldest);
  }
}
