// The requests that look at where a session stands: stack, variables, memory, console, sources. They move nothing
// and set nothing; what the client reads of the memory is noted.
import type { ClientPositions } from './client-positions.ts';
import type { Body, Handler } from './dap-session.ts';
import type { Inspection } from './inspection.ts';
import * as requests from './requests.ts';
import { read } from './requests.ts';
import type { SourceFiles } from './source-files.ts';

interface MemoryRange {
  readonly offset: number;
  /** In bytes. */
  readonly count: number;
}

/** By memory reference: a range that holds all that the client has read. */
export type MemoryReads = Map<string, MemoryRange>;

/** More than an editor shows at a time. */
const READS = 32;

/** `run` throws before the launch. */
export function viewRequests(
  run: () => { readonly inspection: Inspection; readonly files: SourceFiles },
  reads: MemoryReads,
  positions: () => ClientPositions,
): Readonly<Record<string, Handler>> {
  const looks =
    (look: (inspection: Inspection, args: unknown) => Body): Handler =>
    (args) =>
      look(run().inspection, args);
  return {
    stackTrace: looks((at, args) => {
      const { stackFrames, totalFrames } = at.stackTrace(read(requests.STACK_TRACE, args));
      return {
        stackFrames: stackFrames.map((frame) => positions().range(frame)),
        totalFrames,
      };
    }),
    scopes: looks((at, args) => at.scopes(read(requests.FRAME, args).frameId)),
    variables: looks((at, args) => at.variables(read(requests.VARIABLES, args))),
    evaluate: looks((at, args) => at.evaluate(read(requests.EVALUATE, args))),
    completions: looks((at, args) => {
      const wanted = read(requests.COMPLETIONS, args);
      return at.completions(wanted, positions().columnFromClient(wanted.column));
    }),
    exceptionInfo: looks((at) => at.exceptionInfo()),
    readMemory: looks((at, args) => {
      const { memoryReference, offset, count } = read(requests.READ_MEMORY, args);
      const body = at.readMemory({ memoryReference, offset, count });
      noteRead(reads, memoryReference, { offset, count });
      return body;
    }),
    locations: looks((at, args) =>
      positions().range(at.location(read(requests.LOCATIONS, args).locationReference)),
    ),
    loadedSources: () => ({ sources: run().files.all }),
    source: (args) => {
      const { source, sourceReference } = read(requests.SOURCE, args);
      const reference = source?.sourceReference ?? sourceReference;
      const content = run().files.text(reference);
      if (content === null) throw new Error(`There is no source ${reference}.`);
      return { content, mimeType: 'text/x-c' };
    },
  };
}

/** A client reads a large range in pieces: all of them are other memory after a step. */
function noteRead(reads: MemoryReads, reference: string, { offset, count }: MemoryRange): void {
  const before = reads.get(reference) ?? { offset, count };
  const start = Math.min(before.offset, offset);
  const end = Math.max(before.offset + before.count, offset + count);
  // Those that were read last stay.
  reads.delete(reference);
  const [oldest] = reads.keys();
  if (oldest !== undefined && reads.size >= READS) reads.delete(oldest);
  reads.set(reference, { offset: start, count: end - start });
}
