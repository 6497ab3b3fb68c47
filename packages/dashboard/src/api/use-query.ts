/** Reads of a screen: what is known, what is under way, and what was refused. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useSession } from '../session/session.js';
import type { Input, OperationId, Output } from './client.js';
import { Refusal } from './refusal.js';

export interface Query<T> {
  /** The last answer; it stays while another page is on its way, and when a later try fails. */
  readonly data: T | undefined;
  readonly refusal: Refusal | undefined;
  /** Whether an answer to what is asked now is on its way. */
  readonly loading: boolean;
  /** Asks again. Resolves when there is an answer, of either kind. */
  readonly refresh: () => Promise<void>;
}

export interface QueryOptions {
  readonly app?: string | undefined;
  /** Asks again so long after each answer, in ms, while the page is visible. */
  readonly everyMs?: number | undefined;
}

/** @param input undefined: nothing is asked yet */
export function useQuery<Id extends OperationId>(id: Id, input: Input<Id> | undefined, { app, everyMs }: QueryOptions = {}): Query<Output<Id>> {
  const { ask } = useSession();
  const key = input === undefined ? undefined : JSON.stringify([id, app, input]);
  const [answer, setAnswer] = useState<{ readonly key: string | undefined; readonly data?: Output<Id>; readonly refusal?: Refusal }>({ key: undefined });
  const asked = useRef<AbortController | undefined>(undefined);

  const refresh = useCallback(async () => {
    asked.current?.abort();
    if (input === undefined) return;
    const controller = new AbortController();
    asked.current = controller;
    try {
      const data = await ask(id, input, { app, signal: controller.signal });
      setAnswer({ key, data });
    } catch (error) {
      if (controller.signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      setAnswer((before) => ({ ...before, key, refusal: error }));
    }
  }, [key]);

  useEffect(() => {
    void refresh();
    return () => asked.current?.abort();
  }, [refresh]);

  useEffect(() => {
    if (everyMs === undefined) return undefined;
    // A tab that nobody sees asks for nothing; when it is seen again, it does at once.
    const again = (): void => {
      if (!document.hidden) void refresh();
    };
    const timer = setInterval(again, everyMs);
    document.addEventListener('visibilitychange', again);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [refresh, everyMs]);

  return { data: answer.data, refusal: answer.refusal, loading: key !== undefined && answer.key !== key, refresh };
}
