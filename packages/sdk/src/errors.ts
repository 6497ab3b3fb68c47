/** What can go wrong, with the server's codes and the SDK's own. */
export type TalariaErrorCode =
  | import('@talaria/protocol').ErrorCode
  /** The client was closed before this was done. */
  | 'closed'
  /** No answer came in time; the SDK cannot say whether it was done. */
  | 'timeout'
  /** A handler of `consume` kept failing. */
  | 'callback_failed'
  /** The outbox belongs to another user. */
  | 'store_of_another_user'
  /** The store could not be read or written. */
  | 'store_failed'
  /** The token provider failed. */
  | 'token_provider_failed'
  | 'aborted';

export interface TalariaErrorDetail {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly remediation?: string;
  readonly requestId?: string;
  readonly cause?: unknown;
}

/** The one error class of the SDK. */
export class TalariaError extends Error {
  override readonly name = 'TalariaError';
  readonly retryable: boolean;
  readonly retryAfterMs: number;
  /** What to do about it, in one sentence. */
  readonly remediation: string;
  /** For a question to the operator; empty when the server never saw it. */
  readonly requestId: string;

  /** Each entry of the SDK has a copy of this class: an error of one is an error of all. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'TalariaError';
  }

  constructor(readonly code: TalariaErrorCode, message: string, detail: TalariaErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.retryable = detail.retryable ?? false;
    this.retryAfterMs = detail.retryAfterMs ?? 0;
    this.remediation = detail.remediation ?? '';
    this.requestId = detail.requestId ?? '';
  }
}

/** What a store says of itself is passed on as it is; anything else is called `store_failed`. */
export function asStoreError(message: string, cause: unknown): TalariaError {
  return cause instanceof TalariaError ? cause : new TalariaError('store_failed', message, { cause });
}
