// What serves the page of a VS Code under test: a server on whose disk its files are, or one of static files for a
// VS Code that has nothing but the browser.

export interface Host {
  /** Where the page is. */
  readonly url: string;
  /** A folder of this machine as the page's address names it. */
  folderParameter(folder: string): string;
  /** The URI by which the window names a file of this machine. */
  uri(file: string): string;
  /** Copies what explains a failure into a folder. */
  keepLogs(folder: string): void;
  stop(): Promise<void>;
}
