// The requests that look at one stop and change nothing: stack, scopes, variables, console, memory. Lives until
// the debugger moves on; what it handed out is refused afterwards.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type * as v from 'valibot';
import { answer, completions } from './debug-console.ts';
import { exceptionInfo } from './exception-text.ts';
import { Inspector, parseAddress } from './inspector.ts';
import { readMemory } from './memory-read.ts';
import type { ReplaySession } from './replay-session.ts';
import type {
  COMPLETIONS,
  DATA_BREAKPOINT_INFO,
  EVALUATE,
  READ_MEMORY,
  STACK_TRACE,
  VARIABLES,
} from './requests.ts';
import type { SourceFiles } from './source-files.ts';
import { spanRange, stackOf } from './stack-frames.ts';
import { Variables } from './variables.ts';

const STALE = 'It is of an earlier stop; ask for the stack again.';

export interface Stage {
  readonly session: ReplaySession;
  readonly files: SourceFiles;
  /** The finding's message. */
  readonly title: string;
  /** Never gives a number twice. */
  readonly nextReference: () => number;
}

export class Inspection {
  readonly #stage: Stage;
  readonly #inspector: Inspector;
  readonly #variables: Variables;
  readonly #stack: readonly { readonly depth: number; readonly frame: DebugProtocol.StackFrame }[];

  constructor(stage: Stage) {
    const { session, files, nextReference } = stage;
    this.#stage = stage;
    this.#inspector = new Inspector(session.timeline, session.frame);
    this.#variables = new Variables(this.#inspector, nextReference);
    this.#stack = stackOf(session.moment, files).map(({ depth, frame }) => ({
      depth,
      frame: { id: nextReference(), ...frame },
    }));
  }

  /** `levels` 0: all. */
  stackTrace(args: v.InferOutput<typeof STACK_TRACE>): DebugProtocol.StackTraceResponse['body'] {
    const { startFrame, levels } = args;
    const end = levels === 0 ? this.#stack.length : startFrame + levels;
    const stackFrames = this.#stack.slice(startFrame, end).map(({ frame }) => frame);
    return { stackFrames, totalFrames: this.#stack.length };
  }

  /** Calls from the outermost function; throws for a frame that is not on the stack. */
  depthOf(frameId: number): number {
    const found = this.#stack.find(({ frame }) => frame.id === frameId);
    if (found === undefined) throw new Error(`There is no stack frame ${frameId}. ${STALE}`);
    return found.depth;
  }

  scopes(frameId: number): DebugProtocol.ScopesResponse['body'] {
    this.depthOf(frameId);
    return { scopes: this.#variables.scopes() };
  }

  variables(args: v.InferOutput<typeof VARIABLES>): DebugProtocol.VariablesResponse['body'] {
    const { variablesReference, start, count } = args;
    const children = this.#variables.children(variablesReference);
    if (children === null)
      throw new Error(`There are no variables ${variablesReference}. ${STALE}`);
    return { variables: children.slice(start, count === 0 ? undefined : start + count) };
  }

  evaluate(args: v.InferOutput<typeof EVALUATE>): DebugProtocol.EvaluateResponse['body'] {
    if (args.frameId !== undefined) this.depthOf(args.frameId);
    const { session } = this.#stage;
    const answered = answer(this.#inspector, args.expression);
    switch (answered.kind) {
      case 'unknown':
        throw new Error(answered.text);
      case 'report':
        if (answered.selects !== null && args.context === 'repl')
          session.selected = answered.selects.block;
        return { result: answered.text, variablesReference: 0 };
      case 'value': {
        const { text, block } = answered;
        const label = args.context === 'repl' ? ' [simulated]' : '';
        return {
          result: `${text}${label}`,
          variablesReference: this.#variables.expand(block),
          ...(block === null || Number(block.address) === 0
            ? {}
            : { memoryReference: block.address }),
        };
      }
    }
  }

  /** `column`: where the cursor is, from 0. */
  completions(
    { text }: v.InferOutput<typeof COMPLETIONS>,
    column: number,
  ): DebugProtocol.CompletionsResponse['body'] {
    const typed = text.slice(0, Math.max(0, column));
    const start = typed.length - typed.trimStart().length;
    return {
      targets: completions(this.#inspector, typed).map((label) => ({
        label,
        start,
        length: typed.length - start,
      })),
    };
  }

  exceptionInfo(): DebugProtocol.ExceptionInfoResponse['body'] {
    const { session, title } = this.#stage;
    if (session.moment.exceptional === null) throw new Error('Nothing is wrong at this step.');
    return exceptionInfo(session.timeline, session.moment, title);
  }

  /** `dataId`: `block NAME`, or `bytes ADDRESS LENGTH`. */
  dataBreakpointInfo(
    args: v.InferOutput<typeof DATA_BREAKPOINT_INFO>,
  ): DebugProtocol.DataBreakpointInfoResponse['body'] {
    const { variablesReference, name, asAddress, bytes = 8 } = args;
    const address = asAddress ? parseAddress(name.trim()) : null;
    if (address !== null) {
      const length = Math.max(1, bytes);
      const description = `${length} bytes at ${name.trim()}`;
      return { dataId: `bytes ${address} ${length}`, description, accessTypes: ['write'] };
    }
    const block =
      variablesReference === undefined
        ? this.#inspector.block(name)
        : this.#variables.blockOf(variablesReference, name);
    if (block === null)
      return { dataId: null, description: `${name} is no block: only blocks can be watched.` };
    return {
      dataId: `block ${block.block}`,
      description: `${block.letter} (${block.block}) changes hands`,
      accessTypes: ['write', 'read', 'readWrite'],
      canPersist: true,
    };
  }

  readMemory(
    args: v.InferOutput<typeof READ_MEMORY>,
  ): NonNullable<DebugProtocol.ReadMemoryResponse['body']> {
    const { timeline, frame } = this.#stage.session;
    return readMemory(timeline, frame, args);
  }

  location(reference: number): NonNullable<DebugProtocol.LocationsResponse['body']> {
    const at = this.#variables.place(reference);
    if (at === null) throw new Error(`There is no location ${reference}. ${STALE}`);
    return { source: this.#stage.files.source(at.file), ...spanRange(at) };
  }
}
