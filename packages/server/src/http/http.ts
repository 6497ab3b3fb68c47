import type { Domain } from '../domain/domain.js';
import type { HttpRequest, HttpResponse } from '../runtime/http-message.js';
import type { Rate } from '../domain/limits/token-bucket.js';
import type { Metrics } from '../runtime/metrics.js';

export interface HttpOptions {
  readonly domain: Domain;
  readonly metrics: Metrics;
  /** Requests of one address before it is known who asks. */
  readonly addressRate: Rate;
  /** Networks whose X-Forwarded-For is believed, as CIDR. */
  readonly trustProxy: readonly string[];
  readonly version: string;
  /** Whether the server can serve: storage writes, not draining. */
  readonly ready: () => boolean;
}

export interface Http {
  /** Never rejects. */
  http(request: HttpRequest): Promise<HttpResponse>;
  refuseHttp(reason: 'too_large' | 'request_timeout' | 'bad_request'): HttpResponse;
}

export function createHttp(_options: HttpOptions): Http {
  const refuse = (): HttpResponse => ({ status: 503, headers: [], body: '' });
  return { http: () => Promise.resolve(refuse()), refuseHttp: refuse };
}
