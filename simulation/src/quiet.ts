/**
 * Comes to rest between two steps of virtual time. Promises settle by themselves, in one order; what does not is the platform's
 * cryptography, which runs on other threads: its calls are put in a row, and a step is over when none of them is left.
 */
const CALLS = ['sign', 'verify', 'importKey', 'digest', 'encrypt', 'decrypt', 'deriveBits', 'exportKey', 'generateKey'] as const;

export interface Quiet {
  settled(): Promise<void>;
  /** Gives the platform its own cryptography back. */
  release(): void;
}

type Call = (...args: unknown[]) => Promise<unknown>;

export function takeCrypto(): Quiet {
  const { subtle } = globalThis.crypto;
  const open = { calls: 0 };
  let last: Promise<unknown> = Promise.resolve();
  for (const name of CALLS) {
    const call = (subtle[name] as Call).bind(subtle);
    const inRow: Call = (...args) => {
      open.calls += 1;
      const result = last.then(() => call(...args)).finally(() => {
        open.calls -= 1;
      });
      last = result.catch(() => undefined);
      return result;
    };
    Object.defineProperty(subtle, name, { value: inRow, configurable: true, writable: true });
  }
  return {
    async settled() {
      do await new Promise<void>((resolve) => void setImmediate(resolve));
      while (open.calls > 0);
    },
    release() {
      for (const name of CALLS) Reflect.deleteProperty(subtle, name);
    },
  };
}
