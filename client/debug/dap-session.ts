// One session of the debug adapter protocol: messages in, responses and events out, in order and numbered.
// What each request means is replay-adapter.ts's. The protocol's own library needs Node; this runs anywhere.
import type { DebugProtocol } from '@vscode/debugprotocol';

export type Body = object | undefined;

/** What a request comes to. Throws, or rejects with, an Error whose message the user may see. */
export type Handler = (args: unknown) => Body | Promise<Body>;

export interface Outgoing {
  /** Sent at once where nothing is being answered, otherwise after the answer. */
  event(event: string, body?: object): void;
}

const ERROR_ID = 1;

export class DapSession implements Outgoing {
  readonly #send: (message: DebugProtocol.ProtocolMessage) => void;
  #handlers: ReadonlyMap<string, Handler> = new Map();
  #seq = 1;
  #isAnswering = false;
  #isClosed = false;
  readonly #waiting: (() => void)[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(send: (message: DebugProtocol.ProtocolMessage) => void) {
    this.#send = send;
  }

  /** The requests that are answered from here on. */
  serve(handlers: Readonly<Record<string, Handler>>): void {
    this.#handlers = new Map(Object.entries(handlers));
  }

  /** One message of the client, whatever it is. Resolves once it is answered; never rejects. */
  handle(message: unknown): Promise<void> {
    this.#queue = this.#queue.then(() => this.#answer(message));
    return this.#queue;
  }

  event(event: string, body?: object): void {
    const send = (): void =>
      this.#post({ type: 'event', event, ...(body === undefined ? {} : { body }) });
    if (this.#isAnswering) this.#waiting.push(send);
    else send();
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
  }

  async #answer(message: unknown): Promise<void> {
    const request = asRequest(message);
    if (request === null || this.#isClosed) return;
    this.#isAnswering = true;
    const answer = { type: 'response', request_seq: request.seq, command: request.command };
    try {
      const handler = this.#handlers.get(request.command);
      if (handler === undefined)
        throw new Error(`The replay does not know the request "${request.command.slice(0, 60)}".`);
      const body = await handler(request.arguments);
      this.#post({ ...answer, success: true, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // Braces in a format stand for variables. Not for a notification: an editor asks late, too.
      const shown = { id: ERROR_ID, format: '{reason}', variables: { reason: text } };
      this.#post({ ...answer, success: false, message: text, body: { error: shown } });
    }
    this.#isAnswering = false;
    for (const send of this.#waiting.splice(0)) send();
  }

  #post(message: object): void {
    if (this.#isClosed) return;
    this.#send({ seq: this.#seq++, type: 'event', ...message });
  }
}

interface Request {
  readonly seq: number;
  readonly command: string;
  readonly arguments: unknown;
}

/** A client numbers its messages as it likes; null: not a request. */
function asRequest(message: unknown): Request | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, seq, command, arguments: args }: Readonly<Record<string, unknown>> = { ...message };
  if (type !== 'request' || typeof command !== 'string') return null;
  return { seq: typeof seq === 'number' ? seq : 0, command, arguments: args };
}
