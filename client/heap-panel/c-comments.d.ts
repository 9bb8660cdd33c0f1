/** The line as it is where nothing but a comment is on it. */
export declare function withoutComments(line: string): string;
