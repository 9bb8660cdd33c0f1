// Why something failed, for the end of a sentence. Where in the program it was thrown says nothing to a user.

/** What Node says of a file: `ENOENT: no such file or directory, open '/a/b'`. */
const OF_FILE_SYSTEM = /^(E[A-Z0-9]+): ([^,]+), \w+(?: '.*)?$/s;

/** For a sentence that names the file itself. */
export function reasonOf(error: unknown): string {
  const message = errorMessage(error);
  const [, code, words] = OF_FILE_SYSTEM.exec(message) ?? [];
  return code === undefined ? message : `${words} (${code})`;
}

/** With the file that the message names. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
