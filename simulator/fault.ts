// How a simulated process ends. The allocators and the memory throw these; the replay turns a death into
// a frame. Knows no allocator and renders no view.

/** The process died. Everything a real one would have left behind is here. */
export class ProcessDeath extends Error {
  constructor(
    readonly signal: 'SIGABRT' | 'SIGSEGV',
    /** Everything written to standard error before the end; one UTF-16 unit per byte. */
    readonly text: string,
    /** The broken invariant as one sentence with its operands. */
    readonly reason: string,
    /** The address that was being checked or accessed. */
    readonly address: number,
  ) {
    super(`${signal}: ${reason}`);
    this.name = 'ProcessDeath';
  }
}

/** A load or store on a page that is not mapped; becomes SIGSEGV at the border of the process. */
export class PageFault extends Error {
  constructor(
    readonly address: bigint,
    readonly access: 'read' | 'write',
  ) {
    super(`${access} at 0x${address.toString(16)}: not mapped`);
    this.name = 'PageFault';
  }
}

/** A load or store on a page that is mapped in the recorded process but whose bytes are not modelled. */
export class UnmodelledAccess extends Error {
  constructor(readonly address: bigint) {
    super(`0x${address.toString(16)} is mapped, but its contents are not modelled`);
    this.name = 'UnmodelledAccess';
  }
}

/** The real code would never return: a corrupt list leads back into itself. */
export class EndlessLoop extends Error {
  constructor(readonly where: string) {
    super(`${where} follows a list that leads back into itself and never returns`);
    this.name = 'EndlessLoop';
  }
}
