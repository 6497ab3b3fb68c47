/** One try of one operation over HTTP. */
import { TalariaError, type TalariaErrorCode } from './errors.js';
import type { AdminOperation } from './admin/generated/operations.js';

export interface AdminRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The body of a refusal (RFC 9457). */
interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly retryable?: boolean;
  readonly retry_after_ms?: number;
  readonly remediation?: string;
  readonly request_id?: string;
}

/** Path parameters stand in the path; of GET and DELETE the rest is the query, else the body. */
export function requestOf(base: string, operation: AdminOperation, input: object, headers: Readonly<Record<string, string>>): AdminRequest {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value: unknown = rest.get(name);
    // An empty or dotted part would be another path.
    if (typeof value !== 'string' || /^\.{0,2}$/.test(value)) throw new TalariaError('invalid_argument', `${name} is missing.`, { remediation: `Give ${name}.` });
    rest.delete(name);
    return encodeURIComponent(value);
  });
  const url = new URL(`${base}${path}`);
  const inQuery = operation.method === 'GET' || operation.method === 'DELETE';
  if (inQuery) for (const [name, value] of rest) url.searchParams.set(name, String(value));
  return {
    url, method: operation.method, body: inQuery ? undefined : JSON.stringify(Object.fromEntries(rest)),
    headers: inQuery ? headers : { ...headers, 'content-type': 'application/json' },
  };
}

/** @throws TalariaError what the server refuses; timeout; aborted; unavailable when there was no whole answer */
export async function attempt(fetch: typeof globalThis.fetch, { url, ...request }: AdminRequest, timeout_ms: number, signal: AbortSignal | undefined): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeout_ms);
  try {
    const response = await fetch(url, { ...request, body: request.body ?? null, redirect: 'manual', signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    // A key is never handed on to another address. Not every runtime can refuse redirects by itself.
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) throw new Error('it redirects');
    const text = await response.text();
    if (!response.ok) throw refusal(response, text);
    return text === '' ? undefined : JSON.parse(text) as unknown;
  } catch (cause) {
    if (cause instanceof TalariaError) throw cause;
    if (signal?.aborted) throw aborted(signal);
    if (timeout.aborted) throw new TalariaError('timeout', `No answer within ${timeout_ms} ms.`, { retryable: true, cause });
    throw new TalariaError('unavailable', `The server at ${url.origin} gave no answer that could be read.`, { retryable: true, remediation: 'Check the address, and that the server runs.', cause });
  }
}

export function aborted(signal: AbortSignal): TalariaError {
  return new TalariaError('aborted', 'The call was aborted.', { cause: signal.reason });
}

function refusal(response: Response, text: string): TalariaError {
  const problem = problemOf(text);
  const code = problem.code ?? codeOf(response.status);
  return new TalariaError(code as TalariaErrorCode, problem.detail ?? problem.title ?? `The server answered ${response.status}.`, {
    retryable: problem.retryable ?? (response.status === 429 || response.status >= 500),
    retryAfterMs: problem.retry_after_ms ?? headerMs(response.headers.get('retry-after')),
    remediation: problem.remediation ?? '', requestId: problem.request_id ?? response.headers.get('talaria-request-id') ?? '',
  });
}

function problemOf(text: string): Problem {
  try {
    const problem = JSON.parse(text) as Problem | null;
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    // A proxy's own page, for example.
    return {};
  }
}

/** For answers that are not Talaria's own. */
function codeOf(status: number): TalariaErrorCode {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 413) return 'too_large';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'unavailable' : 'invalid_argument';
}

function headerMs(value: string | null): number {
  const seconds = Number(value ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}
