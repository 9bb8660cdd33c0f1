// Why something failed, for the end of a sentence.

/** What Node says of a file: `ENOENT: no such file or directory, open '/a/b'`. The sentence names the file. */
const OF_FILE_SYSTEM = /^(E[A-Z0-9]+): ([^,]+), \w+(?: '.*)?$/s;

/** The message alone: where in the program it was thrown says nothing to a user. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, code, words] = OF_FILE_SYSTEM.exec(error.message) ?? [];
  return code === undefined ? error.message : `${words} (${code})`;
}
