// A client of the debug adapter protocol, as an editor is one: sends requests, checks that each is answered once
// and in order, and keeps the events.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { ReplayAdapter, type ReplayPlace } from '../../client/debug/replay-adapter.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Bodies {
  readonly breakpointLocations: DebugProtocol.BreakpointLocationsResponse['body'];
  readonly completions: DebugProtocol.CompletionsResponse['body'];
  readonly dataBreakpointInfo: DebugProtocol.DataBreakpointInfoResponse['body'];
  readonly evaluate: DebugProtocol.EvaluateResponse['body'];
  readonly exceptionInfo: DebugProtocol.ExceptionInfoResponse['body'];
  readonly gotoTargets: DebugProtocol.GotoTargetsResponse['body'];
  readonly locations: DebugProtocol.LocationsResponse['body'];
  readonly readMemory: NonNullable<DebugProtocol.ReadMemoryResponse['body']>;
  readonly scopes: DebugProtocol.ScopesResponse['body'];
  readonly setBreakpoints: DebugProtocol.SetBreakpointsResponse['body'];
  readonly setDataBreakpoints: DebugProtocol.SetDataBreakpointsResponse['body'];
  readonly source: DebugProtocol.SourceResponse['body'];
  readonly stackTrace: DebugProtocol.StackTraceResponse['body'];
  readonly threads: DebugProtocol.ThreadsResponse['body'];
  readonly variables: DebugProtocol.VariablesResponse['body'];
}

type BodyOf<C extends string> = C extends keyof Bodies ? Bodies[C] : unknown;

export interface Stopped {
  readonly reason: string;
  readonly description?: string;
  readonly text?: string;
  readonly hitBreakpointIds?: readonly number[];
  /** `function:line`, innermost first. */
  readonly stack: readonly string[];
}

export class DebugClient {
  readonly adapter: ReplayAdapter;
  /** Every message of the adapter. */
  readonly messages: DebugProtocol.ProtocolMessage[] = [];
  /** Where the adapter said that it stands. */
  readonly places: ReplayPlace[] = [];
  #seq = 0;

  /** `files`: texts by path; every other file is missing. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.adapter = new ReplayAdapter({
      send: (message) => this.messages.push(structuredClone(message)),
      readText: (file) => {
        const text = files[file];
        return text === undefined
          ? Promise.reject(new Error(`${file} cannot be read`))
          : Promise.resolve(text);
      },
      moved: (place) => this.places.push(place),
    });
  }

  /** initialize, launch, configurationDone as an editor sends them; stands at the entry. */
  static async launched(
    path: FlaggedPath,
    files: Readonly<Record<string, string>>,
    args: Fields = {},
  ): Promise<DebugClient> {
    const client = new DebugClient(files);
    await client.request('initialize', { adapterID: 'pymem-lint', supportsMemoryEvent: true });
    await client.request('launch', { flaggedPath: path, build: 'release', ...args });
    await client.request('configurationDone');
    return client;
  }

  /** The whole response. */
  async respond(command: string, args?: unknown): Promise<DebugProtocol.Response> {
    const seq = (this.#seq += 1);
    const before = this.messages.length;
    await this.adapter.handle({ seq, type: 'request', command, arguments: args });
    const responses = this.messages.slice(before).filter((message) => isResponse(message));
    const [response] = responses;
    if (response === undefined || responses.length > 1)
      throw new Error(`${command} was answered ${responses.length} times`);
    if (response.request_seq !== seq || response.command !== command)
      throw new Error(
        `${command} ${seq} got the answer to ${response.command} ${response.request_seq}`,
      );
    return response;
  }

  /** The body of a response that succeeds. */
  async request<C extends string>(command: C, args?: unknown): Promise<BodyOf<C>> {
    const response = await this.respond(command, args);
    if (!response.success) throw new Error(`${command}: ${response.message}`);
    const body: BodyOf<C> = response.body;
    return body;
  }

  /** The message of a response that fails. */
  async refused(command: string, args?: unknown): Promise<string> {
    const response = await this.respond(command, args);
    if (response.success) throw new Error(`${command} was not refused`);
    return response.message ?? '';
  }

  /** Sends a request that moves, and gives where it stopped. */
  async move(command: string, args: Fields = {}): Promise<Stopped> {
    const before = this.messages.length;
    await this.request(command, { threadId: 1, ...args });
    return this.#stopped(before);
  }

  /** Where the session stands now. */
  async stack(): Promise<readonly string[]> {
    const { stackFrames } = await this.request('stackTrace', { threadId: 1 });
    return stackFrames.map(({ name, line }) => `${name}:${line}`);
  }

  async topFrame(): Promise<DebugProtocol.StackFrame> {
    const { stackFrames } = await this.request('stackTrace', { threadId: 1, levels: 1 });
    const [top] = stackFrames;
    if (top === undefined) throw new Error('the stack is empty');
    return top;
  }

  /** Name to value, for the scope of this name. */
  async scope(name: string): Promise<Readonly<Record<string, string>>> {
    const variables = await this.variables(name);
    return Object.fromEntries(variables.map((variable) => [variable.name, variable.value]));
  }

  async variables(scope: string): Promise<readonly DebugProtocol.Variable[]> {
    const { scopes } = await this.request('scopes', { frameId: (await this.topFrame()).id });
    const found = scopes.find((each) => each.name === scope);
    const reference = found?.variablesReference;
    return (await this.request('variables', { variablesReference: reference })).variables;
  }

  async evaluate(expression: string, context = 'repl'): Promise<string> {
    const { id: frameId } = await this.topFrame();
    return (await this.request('evaluate', { expression, frameId, context })).result;
  }

  events(name: string, from = 0): readonly Fields[] {
    return this.#events(name, from).map((event): Fields => event.body ?? {});
  }

  /** Everything in the console so far. */
  get console(): string {
    return this.events('output')
      .map(({ output }) => String(output))
      .join('');
  }

  async #stopped(from: number): Promise<Stopped> {
    const [event, ...more] = this.#events('stopped', from);
    if (event === undefined || more.length > 0)
      throw new Error(event === undefined ? 'did not stop' : 'stopped more than once');
    const body: DebugProtocol.StoppedEvent['body'] = event.body;
    return { ...body, stack: await this.stack() };
  }

  #events(name: string, from: number): readonly DebugProtocol.Event[] {
    return this.messages
      .slice(from)
      .filter((message) => isEvent(message))
      .filter(({ event }) => event === name);
  }
}

function isResponse(message: DebugProtocol.ProtocolMessage): message is DebugProtocol.Response {
  return message.type === 'response';
}

function isEvent(message: DebugProtocol.ProtocolMessage): message is DebugProtocol.Event {
  return message.type === 'event';
}
