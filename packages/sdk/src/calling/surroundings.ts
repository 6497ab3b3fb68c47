/** What calls need of their surroundings: passed in, so that a test can move it. */
export interface CallRuntime {
  /** Calls back after `ms`; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
  fill(bytes: Uint8Array): void;
}

/** Those of this browser or Node process. */
export const ownRuntime: CallRuntime = {
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  fill: (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
};

/** A name that nobody else has. @returns 16 characters */
export function randomName(runtime: CallRuntime): string {
  const bytes = new Uint8Array(8);
  runtime.fill(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
