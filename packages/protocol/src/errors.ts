/**
 * Every error that Talaria gives out, in one table: over the socket, over HTTP and in the SDK.
 * `retryable` says whether the same request can succeed later (SND5); `status` is the HTTP status;
 * `close` is the WebSocket close code where the error ends the connection. Close codes 4000–4499
 * mean "do not come back with the same credentials", 4500–4999 "come back".
 */
export interface ErrorInfo {
  readonly retryable: boolean;
  readonly status: number;
  readonly close?: number;
  readonly text: string;
  readonly remedy: string;
}

const entry = (status: number, retryable: boolean, text: string, remedy: string, close?: number): ErrorInfo =>
  close === undefined ? { status, retryable, text, remedy } : { status, retryable, text, remedy, close };

export const errorTable = {
  // The frame or request could not be read.
  bad_frame: entry(400, false, 'The frame is not a valid frame of this protocol.', 'Encode frames with the SDK, or check them against wire.proto.', 4400),
  too_large: entry(413, false, 'The input is larger than its limit.', 'Send less at once; the limits are listed in the reference.', 4413),
  text_frame: entry(400, false, 'A text frame came on the binary subprotocol.', 'Send binary frames, or ask for the subprotocol talaria.v1.json.', 1003),
  unknown_operation: entry(404, false, 'There is no such operation.', 'Check the operation id against the reference.'),
  invalid_argument: entry(400, false, 'A field of the request is not valid.', 'Correct the field that the message names.'),
  unsupported_media_type: entry(415, false, 'The content type is not supported.', 'Send application/json.'),
  method_not_allowed: entry(405, false, 'This path does not take that method.', 'Use a method from the Allow header.'),
  request_timeout: entry(408, true, 'The request did not arrive in time.', 'Send the whole request at once.'),
  not_acceptable: entry(400, false, 'The request combines things that cannot go together.', 'Read the message and drop one of them.'),

  // Who is asking.
  unauthenticated: entry(401, false, 'This needs to be authenticated first.', 'Send hello first, or an Authorization header.', 4401),
  invalid_token: entry(401, false, 'The token is not valid here.', 'Mint a new token for this app.', 4401),
  token_expired: entry(401, true, 'The token has expired.', 'Refresh the token and connect again.', 4501),
  auth_keys_unavailable: entry(503, true, 'The keys of whoever issued the token cannot be had at the moment.', 'Try again; the operator may have to look at the issuer of the app.', 4511),
  revoked: entry(401, false, 'This credential has been revoked.', 'Sign in again to get a new one.', 4403),
  invalid_credentials: entry(401, false, 'The login or the password is another one.', 'Try again, or have the password set anew.'),
  already_authenticated: entry(409, false, 'This connection has already said hello.', 'Open another connection for another user.', 4409),
  auth_timeout: entry(408, true, 'No hello came in time.', 'Send hello as soon as the socket is open.', 4508),
  forbidden: entry(403, false, 'That is not allowed to this user or key.', 'Ask for the role or scope that the message names.'),
  origin_not_allowed: entry(403, false, 'This origin is not allowed for the app.', 'Add the origin to the allowed origins of the app.', 4403),
  suspended: entry(403, false, 'The tenant of this app is suspended.', 'Ask the operator of this installation.', 4403),

  // What is asked about.
  not_found: entry(404, false, 'There is no such thing, or it is not visible to you.', 'Check the id.'),
  already_exists: entry(409, false, 'There is one already.', 'Use the existing one, or choose another id.'),
  conflict: entry(409, false, 'The state does not allow this now.', 'Read the current state and decide again.'),
  limit_reached: entry(409, false, 'There are as many as there may be.', 'Remove one, or use one that is there.'),
  gone: entry(410, false, 'It has been deleted.', 'Nothing can be done with it any more.'),

  // Commands.
  idempotency_mismatch: entry(422, false, 'This client id was used for another request.', 'Use a new client id for a new request.'),
  client_id_expired: entry(422, false, 'This client id is older than the kept keys; it cannot be told whether it was executed.', 'Read the conversation, then send again with a new client id.'),
  predecessor_refused: entry(409, true, 'A command before this one was refused and must go first.', 'Send the refused command again, or abandon it.'),

  frozen: entry(409, false, 'The conversation is frozen.', 'Wait until it is open again.'),
  slow_mode: entry(429, true, 'Members write one message at a time here.', 'Wait as long as retry_after_ms says.'),
  blocked: entry(403, false, 'There is no contact between these users.', 'Nothing can be done; one of them has blocked the other.'),
  held: entry(409, false, 'The message waits for approval.', 'Nothing: the server handles this by itself.'),

  call_in_progress: entry(409, false, 'A call is on in this conversation.', 'Answer that one, or wait until it has ended.'),
  call_ended: entry(409, false, 'The call is over.', 'Start another one.'),
  already_answered: entry(409, false, 'The call was answered on another device of this user.', 'Leave it there first.'),

  // Reading on.
  resync_required: entry(409, false, 'The cursor does not belong to this log.', 'Start again from the newest page; the SDK does so by itself.'),

  // Capacity.
  rate_limited: entry(429, true, 'Too many requests.', 'Wait as long as retry_after_ms says.'),
  overloaded: entry(503, true, 'The server is at its limit.', 'Wait as long as retry_after_ms says.'),
  unavailable: entry(503, true, 'The server cannot do this at the moment.', 'Try again; the SDK does so by itself.'),
  insufficient_storage: entry(507, true, 'The disk of the server is full.', 'The operator must make room.'),
  disconnected: entry(503, true, 'Whoever runs this has closed the connection.', 'Connect again; the SDK does so by itself.', 4512),
  dismissed: entry(403, false, 'Whoever runs this has closed the connection, and asks the client not to come back.', 'Ask whoever runs the app.', 4412),
  draining: entry(503, true, 'The server is going away.', 'Connect again.', 4503),
  slow_consumer: entry(503, true, 'The connection did not read for too long.', 'Connect again and resume.', 4504),
  heartbeat_timeout: entry(408, true, 'The client did not answer heartbeats.', 'Connect again and resume.', 4505),
  internal: entry(500, true, 'The server made an error.', 'Try again; report the request id if it stays.', 4500),
} as const satisfies Record<string, ErrorInfo>;

export type ErrorCode = keyof typeof errorTable;

/** All codes, in the order of the table. */
export const errorCodes = Object.keys(errorTable) as readonly ErrorCode[];

/** @returns whether `code` is one of the table's. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

/** What the table says of a code. */
export function errorInfo(code: ErrorCode): ErrorInfo {
  return errorTable[code];
}

export interface ErrorDetail {
  /** The field of the request that is wrong, in dotted form. */
  readonly field?: string;
  /** When a retry makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** Additional sentence for the operator's log; never sent to a client. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/** A refusal on its way to whoever asked. The message never holds message text, tokens or another app's data. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly reason: string | undefined;

  /**
   * @param code one of the error table's
   * @param message what is wrong here; the table's sentence when left out
   */
  constructor(readonly code: ErrorCode, message?: string, detail: ErrorDetail = {}) {
    super(message ?? errorTable[code].text, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.field = detail.field;
    this.retryAfterMs = detail.retryAfterMs;
    this.reason = detail.reason;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  get remedy(): string {
    return errorTable[this.code].remedy;
  }
}
