export { errorTable, errorCodes, errorInfo, isErrorCode, ProtocolError, type ErrorCode, type ErrorDetail, type ErrorInfo } from './errors.js';
export { factTable, isTombstone, TOMBSTONES, type FactInfo, type FactType } from './facts.js';
export { laneOf } from './lane.js';
export { limits } from './limits.js';
export {
  createUuid7, eventCheck, formatId, fromBase32, idBytes, idPrefixes, isId, isStreamId, isUserStream, isUuid7, messageId, parseMessageId, parsePlaceId, placeId, type PlaceIdKind, toBase32,
  uuid7TimeMs, uuidText, type IdKind, type MessagePlace, type Uuid7Source,
} from './ids.js';
export {
  actions, isRole, may, outranks, permissionTable, rankOf, RESERVED_ACTIONS, roles, type Action, type CustomRole, type CustomRoles, type Membership, type Place, type Principal, type Role,
} from './permissions.js';
export { beginCall, CALL_DECLINED_MAX, CALL_REASONS, callSeqOf, foldCall, inCall, type CallParticipant, type CallReason, type CallState } from './calls/state.js';
export { type Forwarded, type Mentions, type MessageMore, type Poll } from './messages/more.js';
export {
  foldReply, foldReplyGone, foldState, STATE_FACTS, type LinkPreview, type MessageState, type PollResult, type StateFact, type ThreadSummary,
} from './messages/state.js';
export { wireVersions } from './versions.js';
export { checkJsonText } from './json-text.js';
export {
  SUBPROTOCOL, SUBPROTOCOL_JSON, type Ack, type Call, type ClientCodec, type Cursor, type DownFrame, type DownInput, type Fact, type FactInput,
  type FactRange, type Facts, type Follow, type Following, type Head, type Hello, type Mark, type MessageBody, type OmittedInput, type Refusal,
  type Send, type ServerCodec, type Presence, type Signal, type Truncated, type UpFrame, type UpInput, type UserPresence, type Watch, type Welcome,
} from './codec/frames.js';
