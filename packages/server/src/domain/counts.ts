import { errorCodes, type ErrorCode } from '@talaria/protocol';
import { Latencies } from '../runtime/latencies.js';

/** What has been done since the start: plain numbers, which whoever wants to know reads. */
export interface Counts {
  committed: number;
  duplicate: number;
  refused: number;
  /** Facts that were committed with them. */
  facts: number;
  /** Sessions that ended because a refresh token came again. */
  refreshReused: number;
  /** Messages among what was committed. */
  messages: number;
  callsStarted: number;
  callsEnded: number;
  /** Among those that ended. */
  callsUnanswered: number;
  /** Facts that were given to sockets, one for each socket. */
  deliveries: number;
  /** Connections that were taken off their streams because they took nothing. */
  slow: number;
  requests: number;
  /** Requests that the server itself did not answer well. */
  requestErrors: number;
  /** What was refused, over HTTP and sockets. */
  readonly refusals: Record<ErrorCode, number>;
  /** From a message's command to the storage's answer. */
  readonly sends: Latencies;
}

export function createCounts(): Counts {
  return {
    committed: 0, duplicate: 0, refused: 0, facts: 0, refreshReused: 0, messages: 0, callsStarted: 0, callsEnded: 0, callsUnanswered: 0, deliveries: 0, slow: 0, requests: 0, requestErrors: 0,
    refusals: Object.fromEntries(errorCodes.map((code) => [code, 0])) as Record<ErrorCode, number>, sends: new Latencies(),
  };
}
