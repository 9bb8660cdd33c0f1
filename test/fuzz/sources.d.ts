export declare function fuzzSources(root: string): readonly string[];
