import type { ProtocolError } from '@talaria/protocol';
import type { Caller } from '../domain/caller.js';
import type { HttpRequest } from '../runtime/http-message.js';

/** One request on its way through. What is learnt of it is written down here, for the answer's headers, the log and the metrics. */
export interface Exchange {
  /** With HEAD already read as GET. */
  readonly request: HttpRequest;
  /** Names this request in the answer and in the log. */
  readonly requestId: string;
  /** W3C Trace Context: the caller's trace, or a new one. */
  readonly traceId: string;
  /** Whose request it is, after trusted proxies. */
  readonly client: string;
  /** Whether it comes straight from a trusted proxy, whose word on it counts. */
  readonly proxied: boolean;
  /** Headers that the answer has, also when it is a refusal. */
  readonly headers: [string, string][];
  /** What was asked for: an operation's id, a page's, or `none`. Never the path, which may hold anything. */
  route: string;
  caller: Caller | undefined;
  /** Why it was refused; what the caller is not told stands in the log. */
  refusal: ProtocolError | undefined;
}
