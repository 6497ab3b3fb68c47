/** Reads over the socket: asked again after a reconnect, because asking twice does no harm. */
import type { Refusal, UpInput } from '@talaria/protocol';
import { TalariaError } from './errors.js';
import type { Runtime } from './runtime.js';

interface Pending {
  readonly op: string;
  readonly json: string;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: TalariaError) => void;
  readonly cancel: () => void;
}

const CALLS_MAX = 1_000;

export class Calls {
  private readonly pending = new Map<number, Pending>();
  /** Even ids; odd ones are the outbox's. */
  private nextId = 2;

  constructor(private readonly runtime: Runtime, private readonly send: (frame: UpInput) => boolean, private readonly timeout_ms: number) {}

  /** @throws TalariaError what the server refuses, timeout, overloaded, closed */
  call<Output>(op: string, input: object, signal?: AbortSignal): Promise<Output> {
    if (this.pending.size >= CALLS_MAX) return Promise.reject(new TalariaError('overloaded', `More than ${CALLS_MAX} calls wait.`, { retryable: true }));
    if (signal?.aborted) return Promise.reject(aborted(signal));
    return new Promise<Output>((resolve, reject) => {
      const id = this.nextId;
      this.nextId += 2;
      const onAbort = (): void => this.fail(id, aborted(signal));
      const cancelTimeout = this.runtime.after(this.timeout_ms, () => this.fail(id, new TalariaError('timeout', `No answer to ${op} within ${this.timeout_ms} ms.`, { retryable: true })));
      signal?.addEventListener('abort', onAbort, { once: true });
      const cancel = (): void => {
        cancelTimeout();
        signal?.removeEventListener('abort', onAbort);
      };
      this.pending.set(id, { op, json: JSON.stringify(input), resolve: resolve as (output: unknown) => void, reject, cancel });
      this.transmit(id);
    });
  }

  connect(): void {
    for (const id of this.pending.keys()) this.transmit(id);
  }

  reply(id: number, json: string): void {
    const pending = this.take(id);
    pending?.resolve(JSON.parse(json));
  }

  refuse(refusal: Refusal): void {
    this.fail(refusal.call_id, new TalariaError(refusal.code as TalariaError['code'], refusal.message, {
      retryable: refusal.retryable, retryAfterMs: refusal.retry_after_ms, remediation: refusal.remediation, requestId: refusal.request_id,
    }));
  }

  close(): void {
    for (const id of [...this.pending.keys()]) this.fail(id, new TalariaError('closed', 'The client was closed.'));
  }

  private transmit(id: number): void {
    const pending = this.pending.get(id);
    if (pending) this.send({ call: { id, op: pending.op, json: pending.json } });
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.cancel();
    return pending;
  }

  private fail(id: number, error: TalariaError): void {
    this.take(id)?.reject(error);
  }
}

function aborted(signal: AbortSignal | undefined): TalariaError {
  return new TalariaError('aborted', 'The call was aborted.', { cause: signal?.reason });
}
