/** What the server has refused, as its problem document says (RFC 9457), or what kept it from answering. */

export interface RefusalParts {
  readonly status: number;
  readonly remediation?: string;
  readonly requestId?: string;
  /** The field of the request that is wrong. */
  readonly field?: string;
  readonly retryAfterMs?: number;
}

export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** 0 where there was no answer. */
  readonly status: number;
  readonly remediation: string;
  readonly requestId: string;
  readonly field: string;
  readonly retryAfterMs: number;

  /** @param code one of the server's, or `unreachable` */
  constructor(readonly code: string, message: string, parts: RefusalParts) {
    super(message);
    this.status = parts.status;
    this.remediation = parts.remediation ?? '';
    this.requestId = parts.requestId ?? '';
    this.field = parts.field ?? '';
    this.retryAfterMs = parts.retryAfterMs ?? 0;
  }

  /** Whether it says that nobody is signed in any more. */
  get sessionEnded(): boolean {
    return this.status === 401 && this.code !== 'invalid_credentials';
  }
}

/** @param text the body of an answer that is no success; a proxy's own page is none of ours */
export function refusalOf(status: number, text: string, requestId: string): Refusal {
  const problem = parsed(text);
  const word = (name: string): string => (typeof problem[name] === 'string' ? problem[name] : '');
  const retry = problem['retry_after_ms'];
  return new Refusal(word('code') || `http_${status}`, word('detail') || word('title') || `The server answered ${status}.`, {
    status, remediation: word('remediation'), requestId: word('request_id') || requestId, field: word('field'), retryAfterMs: typeof retry === 'number' ? retry : 0,
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
