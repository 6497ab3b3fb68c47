/** The load program's clock, in microseconds: what `stampedText` is given. */
export const nowUs = (): number => performance.now() * 1_000;

/** A clock that the processes of the bench share, in milliseconds, finer than `Date.now`. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
