// The lines of the checked files, for those who show or compare them. A file is split once, however many
// findings it has.

/** The lines of a file, without their ends; none for a name that was not checked. */
export type SourceLines = (file: string) => readonly string[];

export function sourceLines(texts: ReadonlyMap<string, string>): SourceLines {
  const known = new Map<string, readonly string[]>();
  return (file) => {
    const lines = known.get(file) ?? splitLines(texts.get(file) ?? '');
    known.set(file, lines);
    return lines;
  };
}

/** Lines as spans count them: they end at a line feed only. */
function splitLines(text: string): readonly string[] {
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
