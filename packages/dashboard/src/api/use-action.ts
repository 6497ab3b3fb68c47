/** What an operator does: once at a time, and what was refused stays to be read. */
import { useState } from 'preact/hooks';
import { Refusal } from './refusal.js';

export interface Action<Args extends readonly unknown[]> {
  readonly run: (...args: Args) => Promise<void>;
  readonly busy: boolean;
  readonly refusal: Refusal | undefined;
  readonly reset: () => void;
}

export function useAction<Args extends readonly unknown[]>(work: (...args: Args) => Promise<void>): Action<Args> {
  const [state, setState] = useState<{ readonly busy: boolean; readonly refusal?: Refusal }>({ busy: false });
  return {
    busy: state.busy, refusal: state.refusal, reset: () => setState({ busy: false }),
    async run(...args) {
      if (state.busy) return;
      setState({ busy: true });
      try {
        await work(...args);
        setState({ busy: false });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        setState({ busy: false, refusal: error });
      }
    },
  };
}
