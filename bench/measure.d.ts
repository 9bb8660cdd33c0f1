/** Milliseconds of the processor, which other programs do not change. */
export declare function cpuTime(work: () => void): number;
/** The number that a share of them, 0 to 1, is not above; NaN for none. */
export declare function percentile(numbers: readonly number[], share: number): number;
export declare function median(numbers: readonly number[]): number;
