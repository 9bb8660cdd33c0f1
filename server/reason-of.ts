// Why something failed, for the end of a sentence.

/** The message alone: where in the program it was thrown says nothing to a user. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
