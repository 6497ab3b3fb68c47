import type { DownInput, ProtocolError } from '@talaria/protocol';

/** What a refusal answers. */
export interface RefusalTarget {
  readonly clientId?: string;
  readonly callId?: number;
  readonly stream?: string;
}

/** SND5: code, whether a retry helps and when, and what to do. */
export function refusalFrame(error: ProtocolError, target: RefusalTarget, requestId = ''): DownInput {
  return {
    refusal: {
      client_id: target.clientId ?? '', call_id: target.callId ?? 0, stream: target.stream ?? '', code: error.code, retryable: error.retryable,
      retry_after_ms: error.retryAfterMs ?? 0, message: error.message, remediation: error.remedy, request_id: requestId,
    },
  };
}
