import { errorInfo, type ProtocolError } from '@talaria/protocol';
import type { HttpResponse } from '../runtime/http-message.js';
import { commonHeaders } from './security-headers.js';

/** A refusal as a problem document (RFC 9457). `code` is the stable part; `detail` holds ids and names of fields as they were sent, and no values. */
export function problem(error: ProtocolError, requestId: string): HttpResponse {
  const { status, retryable, text, remedy } = errorInfo(error.code);
  const document = {
    type: `urn:talaria:error:${error.code}`, title: text, status, code: error.code, detail: error.message, retryable, remediation: remedy, request_id: requestId,
    ...(error.field !== undefined && { field: error.field }),
    ...(error.retryAfterMs !== undefined && { retry_after_ms: error.retryAfterMs }),
  };
  const headers: [string, string][] = [['content-type', 'application/problem+json']];
  // RFC 9110: whole seconds, and to come too early is to come twice.
  if (error.retryAfterMs !== undefined) headers.push(['retry-after', String(Math.ceil(error.retryAfterMs / 1_000))]);
  return { status, headers: [...headers, ...commonHeaders(requestId)], body: JSON.stringify(document) };
}
