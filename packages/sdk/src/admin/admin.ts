/** The client for backends: every operation of the HTTP API as a method. */
import { createUuid7, uuidText } from '@talaria/protocol';
import { backoffMs } from '../connection/backoff.js';
import { TalariaError } from '../errors.js';
import type { AdminCallOptions } from './call-options.js';
import { operationTable, type AdminOperation, type AdminOperations } from './generated/operations.js';
import { aborted, attempt, requestOf } from '../http.js';

/** How `connectAdmin` reaches the server. */
export interface AdminOptions {
  /** The server, e.g. `https://chat.example.com`. */
  readonly url: string;
  /** A key of an app, or an admin key. It belongs on servers only, never in a browser or an app. */
  readonly key: string;
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Tries after the first one. Default 4. */
  readonly retries?: number;
  /** How long one try may take, in ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** Ends every call of this client. */
  readonly signal?: AbortSignal;
}

/** Every operation that a key may ask for, by group: `backend.users.get({ … })`. */
export type Admin = AdminOperations;

const BACKOFF = { base_ms: 200, max_ms: 10_000 };
/** Longer than this nobody is made to wait unasked. */
const RETRY_AFTER_MS_MAX = 60_000;
/** Refused before anything was done, so that any request may be sent again. */
const NOT_BEGUN: ReadonlySet<string> = new Set(['rate_limited', 'overloaded', 'draining']);

/**
 * A client for backends. It holds no connection and needs no closing.
 *
 * Failed reads and commands are tried again, with growing random pauses, when a retry can help (SND5); a command goes with the
 * same key each time, so that it is done once (SND2). What else changes something is tried again only when the server says that it
 * did not begin.
 *
 * @throws TalariaError invalid_argument when the address is none
 */
export function connectAdmin(options: AdminOptions): Admin {
  const client = new AdminClient(options);
  const groups: Record<string, Record<string, (input?: object, options?: AdminCallOptions) => Promise<unknown>>> = {};
  for (const [id, operation] of Object.entries(operationTable)) {
    const [group, method] = id.split('.') as [string, string];
    groups[group] = { ...groups[group], [method]: (input = {}, call = {}) => client.call(operation, input, call) };
  }
  // The methods are made of the same table as their types.
  return groups as unknown as Admin;
}

class AdminClient {
  private readonly base: string;
  private readonly newUuid = createUuid7({ now: Date.now, fill: (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>) });

  constructor(private readonly options: AdminOptions) {
    if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol)) {
      throw new TalariaError('invalid_argument', 'url is not the address of a server.', { remediation: 'Give an address such as https://chat.example.com.' });
    }
    this.base = options.url.replace(/\/+$/, '');
  }

  async call(operation: AdminOperation, input: object, call: AdminCallOptions): Promise<unknown> {
    const signal = anyOf(this.options.signal, call.signal);
    const request = requestOf(this.base, operation, input, {
      authorization: `Bearer ${this.options.key}`, accept: 'application/json',
      ...(call.consistency !== undefined && { 'talaria-consistency': call.consistency }),
      ...(operation.kind === 'command' && { 'idempotency-key': call.idempotencyKey ?? uuidText(this.newUuid()) }),
    });
    const retries = this.options.retries ?? 4;
    for (let tried = 0; ; tried += 1) {
      if (signal?.aborted) throw aborted(signal);
      try {
        return await attempt(this.options.fetch ?? fetch, request, call.timeoutMs ?? this.options.timeoutMs ?? 30_000, signal);
      } catch (error) {
        if (!(error instanceof TalariaError) || tried >= retries || !mayRetry(operation, error)) throw error;
        await pause(error.retryAfterMs + backoffMs(tried, BACKOFF, Math.random()), signal);
      }
    }
  }
}

function mayRetry({ kind }: AdminOperation, error: TalariaError): boolean {
  if (!error.retryable || error.retryAfterMs > RETRY_AFTER_MS_MAX) return false;
  return kind !== 'change' || NOT_BEGUN.has(error.code);
}

function anyOf(first: AbortSignal | undefined, second: AbortSignal | undefined): AbortSignal | undefined {
  return first && second ? AbortSignal.any([first, second]) : first ?? second;
}

/** @throws TalariaError aborted */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      if (signal) reject(aborted(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
