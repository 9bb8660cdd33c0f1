// The debug adapter of a replay: what each request of the protocol does to a replay session. Needs no editor, no
// Node: its host sends messages and reads files.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { replay } from '../../simulator/replay.ts';
import type { Target } from '../../simulator/target.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { Breakpoints, linesOnPath } from './breakpoints.ts';
import { CAPABILITIES } from './capabilities.ts';
import { ClientPositions } from './client-positions.ts';
import { remarksOn, stoppedBody, THREAD } from './commentary.ts';
import { type Body, DapSession, type Handler } from './dap-session.ts';
import { crashText } from './exception-text.ts';
import { Inspection } from './inspection.ts';
import { LAUNCH, launch, type LaunchArguments } from './launch.ts';
import { lineKey } from './moments.ts';
import {
  EXCEPTION_FILTERS,
  type Granularity,
  type Motion,
  ReplaySession,
  type Stop,
  type Watch,
} from './replay-session.ts';
import * as requests from './requests.ts';
import { read } from './requests.ts';
import { SourceFiles } from './source-files.ts';
import { type MemoryReads, viewRequests } from './view-requests.ts';

export interface DebugHost {
  send(message: DebugProtocol.ProtocolMessage): void;
  /** `file`: a path or a URI. Rejects when there is none, with what to tell the user. */
  readText(file: string): Promise<string>;
  /** The debugger stands elsewhere; not called for what `goTo` does. */
  moved(at: ReplayPlace): void;
}

/** A moment of a replay, for whoever shows it beside the debugger. */
export interface ReplayPlace {
  readonly path: Timeline['path'];
  readonly title: string;
  readonly target: Target;
  /** Index of the frame, 0-based. */
  readonly frame: number;
}

const NOT_LAUNCHED = 'Nothing is replayed yet: the session must be launched first.';

interface Running {
  readonly title: string;
  readonly files: SourceFiles;
  readonly session: ReplaySession;
  inspection: Inspection;
  isConfigured: boolean;
}

export class ReplayAdapter {
  readonly #host: DebugHost;
  readonly #dap: DapSession;
  readonly #breakpoints = new Breakpoints();
  #client = read(requests.INITIALIZE, {});
  #positions = new ClientPositions(this.#client);
  #running: Running | null = null;
  #stopOnEntry = true;
  #reference = 0;
  /** To tell the client when it is other memory. */
  readonly #clientMemory: MemoryReads = new Map();

  constructor(host: DebugHost) {
    this.#host = host;
    this.#dap = new DapSession((message) => host.send(message));
    this.#dap.serve({
      ...this.#lifecycle(),
      ...this.#motions(),
      ...this.#settings(),
      ...viewRequests(
        () => this.#run,
        this.#clientMemory,
        () => this.#positions,
      ),
    });
  }

  /** One message of the client, whatever it is; never rejects. */
  handle(message: unknown): Promise<void> {
    return this.#dap.handle(message);
  }

  /** Where the session stands; null before it is launched. */
  get place(): ReplayPlace | null {
    if (this.#running === null) return null;
    const { session, title } = this.#running;
    const { path, target } = session.timeline;
    return { path, title, target, frame: session.frame };
  }

  /** To a frame, on another target where it differs. */
  goTo({ target, frame }: Pick<ReplayPlace, 'target' | 'frame'>): void {
    const running = this.#running;
    if (running === null || !running.isConfigured) return;
    const { timeline } = running.session;
    const isSame = JSON.stringify(timeline.target) === JSON.stringify(target);
    if (isSame && running.session.frame === frame) return;
    if (!isSame) this.#replace(running, replay(timeline.path, target));
    this.#stopped((session) => session.goToFrame(frame), 'quiet');
  }

  dispose(): void {
    this.#dap.close();
  }

  get #session(): ReplaySession {
    return this.#run.session;
  }

  get #run(): Running {
    if (this.#running === null) throw new Error(NOT_LAUNCHED);
    return this.#running;
  }

  #lifecycle(): Readonly<Record<string, Handler>> {
    return {
      initialize: (args) => {
        this.#client = read(requests.INITIALIZE, args);
        this.#positions = new ClientPositions(this.#client);
        return CAPABILITIES;
      },
      launch: async (args) => {
        if (this.#running !== null) throw new Error('The session is launched already.');
        await this.#launch(read(LAUNCH, args));
        return undefined;
      },
      attach: () => {
        throw new Error('There is no process to attach to: use a "launch" configuration.');
      },
      configurationDone: () => {
        this.#run.isConfigured = true;
        this.#stopped((session) =>
          this.#stopOnEntry
            ? { ...session.goToMoment(0), reason: 'entry' }
            : session.forward('run'),
        );
        return undefined;
      },
      restart: () => {
        this.#stopped((session) => ({ ...session.goToMoment(0), reason: 'entry' }));
        return undefined;
      },
      terminate: () => this.#ended(),
      disconnect: () => undefined,
      cancel: () => undefined,
      threads: () => ({
        threads: [{ id: THREAD, name: this.#running?.session.timeline.model ?? 'replay' }],
      }),
    };
  }

  #motions(): Readonly<Record<string, Handler>> {
    const forward =
      (motion: Motion): Handler =>
      (args) => {
        this.#stopped((session) => session.forward(motion, this.#granularity(args)));
        return undefined;
      };
    return {
      next: forward('over'),
      stepIn: forward('in'),
      stepOut: forward('out'),
      continue: () => {
        if (this.#session.moment.isLast) this.#ended();
        else this.#stopped((session) => session.forward('run'));
        return { allThreadsContinued: true };
      },
      stepBack: (args) => {
        this.#stopped((session) => session.stepBack(this.#granularity(args)));
        return undefined;
      },
      reverseContinue: () => {
        this.#stopped((session) => session.reverseContinue());
        return undefined;
      },
      pause: () => {
        this.#stopped((session) => session.goToFrame(session.frame));
        return undefined;
      },
      restartFrame: (args) => {
        const depth = this.#run.inspection.depthOf(read(requests.FRAME, args).frameId);
        this.#stopped((session) => session.restartCall(depth));
        return undefined;
      },
      gotoTargets: (args) => this.#gotoTargets(args),
      goto: (args) => {
        const { targetId } = read(requests.GOTO, args);
        if (this.#session.moments[targetId] === undefined)
          throw new Error(`There is no place ${targetId} to go to.`);
        this.#stopped((session) => session.goToMoment(targetId));
        return undefined;
      },
    };
  }

  #settings(): Readonly<Record<string, Handler>> {
    return {
      setBreakpoints: (args) => {
        const { source, breakpoints } = read(requests.SET_BREAKPOINTS, args);
        const lines = breakpoints.map(({ line }) => this.#positions.fromClient(line));
        const { session, files } = this.#run;
        const set = this.#breakpoints.setLines(session.timeline, files.fileOf(source), lines);
        session.breakpoints = this.#breakpoints.lines;
        return {
          breakpoints: set.map((each) => ({ ...each, line: this.#positions.toClient(each.line) })),
        };
      },
      breakpointLocations: (args) => {
        const { source, line, endLine = line } = read(requests.BREAKPOINT_LOCATIONS, args);
        const { session, files } = this.#run;
        const file = files.fileOf(source);
        const lines = file === null ? [] : linesOnPath(session.timeline, file);
        const shown = lines.map((each) => this.#positions.toClient(each));
        const breakpoints = shown.filter((each) => line <= each && each <= endLine);
        return { breakpoints: breakpoints.map((each) => ({ line: each })) };
      },
      setExceptionBreakpoints: (args) => {
        const { filters } = read(requests.SET_EXCEPTION_BREAKPOINTS, args);
        this.#session.filters = new Set(EXCEPTION_FILTERS.filter((each) => filters.includes(each)));
        return undefined;
      },
      dataBreakpointInfo: (args) =>
        this.#run.inspection.dataBreakpointInfo(read(requests.DATA_BREAKPOINT_INFO, args)),
      setDataBreakpoints: (args) => this.#setDataBreakpoints(args),
    };
  }

  async #launch(args: LaunchArguments): Promise<void> {
    const { timeline, title } = await launch(args, (file) => this.#host.readText(file));
    const files = await SourceFiles.of(timeline, args.sourceRoot, (file) =>
      this.#host.readText(file),
    );
    const session = new ReplaySession(timeline);
    this.#stopOnEntry = args.stopOnEntry;
    this.#running = {
      title,
      files,
      session,
      inspection: this.#inspect(session, files, title),
      isConfigured: false,
    };
    this.#dap.event('initialized');
    this.#say(
      'console',
      `${title}\n${timeline.model}: no process is run\n${timeline.outcome.summary}\n`,
    );
  }

  /** Another timeline of the same path; everything that was set stays set. */
  #replace({ files: before, title, session: old }: Running, timeline: Timeline): void {
    const files = before.on(timeline);
    const session = new ReplaySession(timeline);
    session.breakpoints = old.breakpoints;
    session.watches = old.watches;
    session.filters = old.filters;
    session.selected = old.selected;
    const inspection = this.#inspect(session, files, title);
    this.#running = { title, files, session, inspection, isConfigured: true };
  }

  #inspect(session: ReplaySession, files: SourceFiles, title: string): Inspection {
    return new Inspection({ session, files, title, nextReference: () => ++this.#reference });
  }

  /** Moves, then tells the client where it stopped. quiet: whoever asked for it knows already. */
  #stopped(move: (session: ReplaySession) => Stop, how: 'told' | 'quiet' = 'told'): void {
    const running = this.#run;
    const { session, files, title } = running;
    const from = session.frame;
    const stop = move(session);
    running.inspection = this.#inspect(session, files, title);
    this.#tell(from, session.frame);
    const fault = session.timeline.frames[session.frame]?.fault ?? null;
    if (stop.reason === 'exception' && fault !== null && session.frame > from)
      this.#say('stderr', `${this.#red(crashText(session.timeline, fault))}\n`);
    this.#dap.event('stopped', stoppedBody(stop));
    this.#memoryChanged();
    if (how === 'told' && this.place !== null) this.#host.moved(this.place);
  }

  #tell(from: number, to: number): void {
    const { session, files } = this.#run;
    for (const { text, at } of remarksOn(session.timeline, from, to)) {
      const place =
        at === null
          ? {}
          : { source: files.source(at.file), line: this.#positions.toClient(at.line) };
      this.#dap.event('output', { category: 'stdout', output: text, ...place });
    }
  }

  #memoryChanged(): void {
    if (!this.#client.supportsMemoryEvent) return;
    for (const [memoryReference, range] of this.#clientMemory)
      this.#dap.event('memory', { memoryReference, ...range });
  }

  #say(category: 'console' | 'stderr', output: string): void {
    this.#dap.event('output', { category, output });
  }

  #red(text: string): string {
    return this.#client.supportsANSIStyling ? `\u001b[31m${text}\u001b[0m` : text;
  }

  #ended(): Body {
    const fault = this.#running?.session.timeline.outcome.fault ?? null;
    const exitCode = fault === null ? 0 : { SIGABRT: 134, SIGSEGV: 139 }[fault.signal];
    this.#dap.event('exited', { exitCode });
    this.#dap.event('terminated');
    return undefined;
  }

  #setDataBreakpoints(args: unknown): DebugProtocol.SetDataBreakpointsResponse['body'] {
    const { breakpoints } = read(requests.SET_DATA_BREAKPOINTS, args);
    const session = this.#session;
    const watches: Watch[] = [];
    const set = breakpoints.map(({ dataId, accessType }): DebugProtocol.Breakpoint => {
      const watch = this.#breakpoints.watch(dataId, accessType, session.timeline);
      if (watch === null) return { verified: false, message: `The path has no ${dataId}.` };
      watches.push(watch);
      return { id: watch.id, verified: true };
    });
    session.watches = watches;
    return { breakpoints: set };
  }

  /** The moments at which the line begins. */
  #gotoTargets(args: unknown): DebugProtocol.GotoTargetsResponse['body'] {
    const { source, line } = read(requests.GOTO_TARGETS, args);
    const { session, files } = this.#run;
    const file = files.fileOf(source);
    const wanted = this.#positions.fromClient(line);
    const targets = session.moments.flatMap((moment, id) => {
      const { place, frame } = moment;
      const before = session.moments[id - 1];
      if (place.kind !== 'source' || place.at.file !== file || place.at.line !== wanted) return [];
      if (before !== undefined && lineKey(before) === lineKey(moment)) return [];
      return [{ id, label: `Before step ${frame + 1}`, line }];
    });
    return { targets };
  }

  #granularity(args: unknown): Granularity {
    const { granularity } = read(requests.STEP, args);
    return granularity === 'instruction' ? 'instruction' : 'line';
  }
}
