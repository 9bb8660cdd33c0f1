// Exit codes of the command line and the one exception that means "the user asked for something
// impossible". Anything else that is thrown is a defect of the product.

export const EXIT = { clean: 0, findings: 1, failure: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with exit code 2. The message is complete, without the program's name. */
export class UsageError extends Error {}
