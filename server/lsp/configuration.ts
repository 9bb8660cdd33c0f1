// The settings in force for a document: asked of the client, or as given at initialization when the
// client does not answer; then what the project's configuration file says. Knows nothing of documents or of checking.
import type { Connection } from 'vscode-languageserver';
import { errorMessage } from '../reason-of.ts';
import type { WorkspaceFiles } from './files.ts';
import { NAMESPACE } from './protocol.ts';
import { DEFAULT_SERVER_SETTINGS, readSettings, type ServerSettings } from './settings.ts';

/** A client that promised to answer and does not must not stop the checks. */
const ANSWER_TIMEOUT_MS = 5_000;

export interface ConfigurationOptions {
  /** The client answers workspace/configuration. */
  readonly canAsk: boolean;
  /** `settings` of the initialization options, not yet validated. */
  readonly initial: unknown;
  readonly ruleIds: readonly string[];
}

export class Configuration {
  readonly #connection: Connection;
  readonly #files: Pick<WorkspaceFiles, 'settingsOf'>;
  #options: ConfigurationOptions = { canAsk: false, initial: undefined, ruleIds: [] };
  readonly #byScope = new Map<string, Promise<ServerSettings>>();
  readonly #reported = new Set<string>();

  constructor(connection: Connection, files: Pick<WorkspaceFiles, 'settingsOf'>) {
    this.#connection = connection;
    this.#files = files;
  }

  initialize(options: ConfigurationOptions): void {
    this.#options = options;
  }

  /** Never rejects. */
  for(scopeUri: string): Promise<ServerSettings> {
    let settings = this.#byScope.get(scopeUri);
    if (settings === undefined) {
      settings = this.#ask(scopeUri).then((asked) => this.#withFile(scopeUri, asked));
      this.#byScope.set(scopeUri, settings);
    }
    return settings;
  }

  forget(scopeUri: string): void {
    this.#byScope.delete(scopeUri);
  }

  /** After workspace/didChangeConfiguration; `settings` is what it carried. */
  changed(settings: unknown): void {
    this.#byScope.clear();
    this.#reported.clear();
    if (this.#options.canAsk || typeof settings !== 'object' || settings === null) return;
    if (NAMESPACE in settings) {
      this.#options = { ...this.#options, initial: settings[NAMESPACE] };
    }
  }

  /** After a configuration file was written. */
  fileChanged(): void {
    this.#byScope.clear();
    this.#reported.clear();
  }

  /** What the configuration file of the project says wins over the editor. */
  async #withFile(scopeUri: string, settings: ServerSettings): Promise<ServerSettings> {
    try {
      const check = await this.#files.settingsOf?.(scopeUri, settings.check);
      if (check === undefined || check === null) return settings;
      const { targets: versions, targetsFrom: from } = check;
      return { ...settings, check, python: from === null ? null : { versions, from } };
    } catch (error) {
      this.#report(errorMessage(error));
      return settings;
    }
  }

  async #ask(scopeUri: string): Promise<ServerSettings> {
    if (!this.#options.canAsk) return this.#read(this.#options.initial);
    try {
      const request = this.#connection.workspace.getConfiguration({ scopeUri, section: NAMESPACE });
      const section: unknown = await withTimeout(request, ANSWER_TIMEOUT_MS);
      return this.#read(section ?? this.#options.initial);
    } catch (error) {
      this.#report(`The client did not answer workspace/configuration (${String(error)}).`);
      return this.#read(this.#options.initial);
    }
  }

  #read(section: unknown): ServerSettings {
    if (section === undefined || section === null) return DEFAULT_SERVER_SETTINGS;
    const { settings, problems } = readSettings(section, this.#options.ruleIds);
    for (const problem of problems) this.#report(problem);
    return settings;
  }

  /** Once for each text: the same settings are read for every document. */
  #report(problem: string): void {
    if (this.#reported.has(problem)) return;
    this.#reported.add(problem);
    this.#connection.console.warn(problem);
  }
}

async function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
