// Checks in a thread of its own, one after the other, so that the server answers meanwhile. A check that is
// no longer wanted, or that takes too long, ends with its thread; the next one gets another. Where there
// are no threads the checks run in this one.
import type { CancellationToken } from 'vscode-languageserver';
import type { Progress } from '../check.ts';
import {
  type CheckOutcome,
  type CheckRequest,
  type CheckRunner,
  describe,
  NEVER_CANCELLED,
  type TellProgress,
} from './check-runner.ts';

export type FromWorker =
  /** Loaded, and waiting for requests. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'outcome'; readonly outcome: CheckOutcome };

/** A thread that checks, of whatever platform. */
export interface CheckThread {
  check(request: CheckRequest): void;
  /** Called once, before the first check. */
  listen(events: CheckThreadEvents): void;
  /** Ends it, whatever it does. */
  end(): void;
}

export interface CheckThreadEvents {
  readonly received: (message: FromWorker) => void;
  /** It ended without being told to, or never started. */
  readonly died: (reason: string) => void;
}

export interface WorkerRunnerOptions {
  /** Throws where threads cannot be had. */
  readonly start: () => CheckThread;
  readonly fallback: () => CheckRunner;
  readonly warn: (message: string) => void;
  /** How long a check may take, in milliseconds. */
  readonly limit?: (request: CheckRequest) => number;
}

interface Job {
  readonly request: CheckRequest;
  readonly tell: TellProgress | undefined;
  /** What is called after the first time has no effect. */
  readonly settle: (outcome: CheckOutcome) => void;
  /** The parser broke under it, and it is tried again with a new one. */
  isSecondTry: boolean;
}

/** A thread takes longer to start than most checks take: an unwanted one may end by itself first. */
const GRACE_MS = 200;

const CANCELLED: CheckOutcome = { kind: 'cancelled' };

export class WorkerRunner implements CheckRunner {
  readonly #options: WorkerRunnerOptions;
  readonly #queue: Job[] = [];
  #running: Job | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #worker: CheckThread | null = null;
  #ready = false;
  #disposed = false;
  #fallback: CheckRunner | null = null;

  constructor(options: WorkerRunnerOptions) {
    this.#options = options;
  }

  check(
    request: CheckRequest,
    token: CancellationToken,
    tell?: TellProgress,
  ): Promise<CheckOutcome> {
    if (this.#disposed || token.isCancellationRequested) return Promise.resolve(CANCELLED);
    if (this.#fallback !== null) return this.#fallback.check(request, token, tell);
    return new Promise((resolve) => {
      const cancellation = token.onCancellationRequested(() => this.#cancel(job));
      const job: Job = {
        request,
        tell,
        settle: (outcome) => {
          cancellation.dispose();
          resolve(outcome);
        },
        isSecondTry: false,
      };
      this.#queue.push(job);
      this.#next();
    });
  }

  /** Ends the thread. What is under way and what comes later is cancelled. */
  dispose(): void {
    this.#disposed = true;
    const jobs = this.#queue.splice(0);
    if (this.#running !== null) jobs.push(this.#running);
    this.#end();
    for (const job of jobs) job.settle(CANCELLED);
    this.#fallback?.dispose();
  }

  #next(): void {
    if (this.#running !== null) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#running = job;
    try {
      this.#worker ??= this.#start();
      this.#worker.check(job.request);
    } catch (error) {
      this.#fallBack(describe(error));
      return;
    }
    const limit = (this.#options.limit ?? limitFor)(job.request);
    this.#timer = setTimeout(() => this.#tookTooLong(job, limit), limit);
  }

  #start(): CheckThread {
    const worker = this.#options.start();
    this.#ready = false;
    // A thread that was ended on purpose has nothing more to say.
    const heeded =
      <T>(act: (value: T) => void) =>
      (value: T): void => {
        if (worker === this.#worker) act(value);
      };
    worker.listen({
      received: heeded((message: FromWorker) => this.#receive(message)),
      died: heeded((reason: string) => this.#died(reason)),
    });
    return worker;
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        return;
      case 'progress':
        this.#running?.tell?.(message.progress);
        return;
      case 'outcome': {
        const job = this.#running;
        clearTimeout(this.#timer);
        this.#running = null;
        if (message.outcome.kind === 'failed' && message.outcome.isParserBroken) {
          this.#parserBroke(job, message.outcome);
        } else {
          job?.settle(message.outcome);
          this.#next();
        }
      }
    }
  }

  /** Earlier checks may have broken it: the one that met it is tried once more, in a new thread. */
  #parserBroke(job: Job | null, outcome: CheckOutcome): void {
    this.#end();
    if (job === null || job.isSecondTry) {
      job?.settle(outcome);
    } else {
      job.isSecondTry = true;
      this.#queue.unshift(job);
    }
    this.#next();
  }

  #cancel(job: Job): void {
    job.settle(CANCELLED);
    const queued = this.#queue.indexOf(job);
    if (queued >= 0) this.#queue.splice(queued, 1);
    if (job !== this.#running) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#end();
      this.#next();
    }, GRACE_MS);
  }

  #tookTooLong(job: Job, limit: number): void {
    this.#end();
    const seconds = Math.round(limit / 1000);
    const reason = `it was stopped after ${seconds} s. It is tried again when the file changes; a shorter file may work. Please report it with the file`;
    job.settle({ kind: 'failed', reason, worthRetrying: false, isParserBroken: false });
    this.#next();
  }

  #died(reason: string): void {
    if (!this.#ready) {
      this.#fallBack(reason);
      return;
    }
    const job = this.#running;
    this.#end();
    job?.settle({ kind: 'failed', reason, worthRetrying: false, isParserBroken: false });
    this.#next();
  }

  /** From here on without threads. */
  #fallBack(reason: string): void {
    const jobs = [...(this.#running === null ? [] : [this.#running]), ...this.#queue.splice(0)];
    this.#end();
    this.#options.warn(
      `Checks run in the server's own thread, which cannot answer meanwhile: no other could be started (${reason}).`,
    );
    const fallback = this.#options.fallback();
    this.#fallback = fallback;
    // What was cancelled is settled already: its outcome goes nowhere.
    for (const { request, settle } of jobs)
      void fallback.check(request, NEVER_CANCELLED).then(settle);
  }

  /** Ends the thread, whatever it does. */
  #end(): void {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = null;
    this.#running = null;
    worker?.end();
  }
}

/** Half a minute, and more for more text: ten times what it should take. */
function limitFor({ files }: CheckRequest): number {
  const units = files.reduce((sum, { text }) => sum + text.length, 0);
  return 30_000 + 60_000 * (units / 2 ** 20);
}
