// A language client for tests, over streams in memory or over the pipes of a process. Keeps what the
// server sent, and answers what it asks.
import { PassThrough } from 'node:stream';
import {
  type ClientCapabilities,
  CodeLensRequest,
  ConfigurationRequest,
  createConnection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  DocumentDiagnosticRequest,
  type DocumentDiagnosticReport,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  LogMessageNotification,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  RegistrationRequest,
  ShutdownRequest,
  type TextDocumentContentChangeEvent,
  type WatchDog,
} from 'vscode-languageserver';
import { createProtocolConnection } from 'vscode-languageserver/node';
import { vi } from 'vitest';
import { type CheckEngine, inProcess } from '../../server/lsp/check-runner.ts';
import { startServer, type ServerParts } from '../../server/lsp/connection.ts';
import type { InitializationOptions } from '../../server/lsp/protocol.ts';

export const PULL: ClientCapabilities = { textDocument: { diagnostic: {} } };

const DEADLINE_MS = 30_000;

/** The real one, where a test has stopped the clock for the server. */
const { setTimeout } = globalThis;

export interface InitializeOptions {
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: InitializationOptions;
  readonly folders?: readonly string[];
}

export class TestClient {
  readonly connection: ProtocolConnection;
  readonly published: PublishDiagnosticsParams[] = [];
  readonly logs: string[] = [];
  /** Methods of the capabilities that the server registered. */
  readonly registered: string[] = [];
  /** The answer to workspace/configuration, for every scope. */
  configuration: unknown = null;
  readonly #versions = new Map<string, number>();

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.connection = createProtocolConnection(input, output);
    this.connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.published.push(params);
    });
    this.connection.onNotification(LogMessageNotification.type, ({ message }) => {
      this.logs.push(message);
    });
    this.connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(() => this.configuration),
    );
    this.connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registered.push(...registrations.map(({ method }) => method));
    });
    this.connection.listen();
  }

  async initialize({
    capabilities = PULL,
    initializationOptions,
    folders = [],
  }: InitializeOptions = {}): Promise<InitializeResult> {
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: null,
      rootUri: null,
      capabilities,
      initializationOptions,
      workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  open(uri: string, text: string): Promise<void> {
    this.#versions.set(uri, 1);
    return this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'c', version: 1, text },
    });
  }

  change(uri: string, ...contentChanges: TextDocumentContentChangeEvent[]): Promise<void> {
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    return this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  save(uri: string): Promise<void> {
    return this.connection.sendNotification(DidSaveTextDocumentNotification.type, {
      textDocument: { uri },
    });
  }

  close(uri: string): Promise<void> {
    return this.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri },
    });
  }

  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri },
      ...(previousResultId !== undefined && { previousResultId }),
    });
  }

  /** The diagnostics of a full pull report; fails on `unchanged`. */
  async items(uri: string) {
    const report = await this.pull(uri);
    if (report.kind !== 'full') throw new Error(`expected a full report, got ${report.kind}`);
    return report.items;
  }

  /** Resolves when the server has taken everything that was sent before: messages are taken in order. */
  async heard(): Promise<void> {
    const lens = { textDocument: { uri: 'file:///not/open.c' } };
    await this.connection.sendRequest(CodeLensRequest.type, lens);
  }

  publishedFor(uri: string): readonly PublishDiagnosticsParams[] {
    return this.published.filter((params) => params.uri === uri);
  }

  async shutdown(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
  }
}

export interface InMemory {
  readonly client: TestClient;
  /** The codes with which the server would have ended its process. */
  readonly exits: readonly number[];
}

/** A server and its client in this process, joined by two streams. Not initialized. */
export function startInMemory(
  parts: CheckEngine & Pick<ServerParts, 'ruleIds'> & Partial<ServerParts>,
): InMemory {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const exits: number[] = [];
  const watchDog: WatchDog = {
    shutdownReceived: false,
    initialize: () => undefined,
    exit: (code) => void exits.push(code),
  };
  const connection = createConnection(
    (logger) => createProtocolConnection(toServer, toClient, logger),
    watchDog,
  );
  const noFiles = {
    list: () => Promise.resolve([]),
    read: () => Promise.reject(new Error('there are no files')),
  };
  const createRunner = () => inProcess(parts);
  startServer(connection, { files: noFiles, version: 'test', createRunner, ...parts });
  return { client: new TestClient(toClient, toServer), exits };
}

/** Waits until `condition` gives something; fails with `what` after half a minute, unless given longer. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false,
  milliseconds = DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    // Where the clock is stopped: what the server puts off to its next turn is due in a millisecond.
    if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(1);
  }
}
