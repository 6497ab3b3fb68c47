export { errorTable, errorCodes, errorInfo, isErrorCode, ProtocolError, type ErrorCode, type ErrorDetail, type ErrorInfo } from './errors.js';
export { limits } from './limits.js';
export {
  createUuid7, eventCheck, formatId, fromBase32, idBytes, idPrefixes, isId, isStreamId, isUserStream, isUuid7, messageId, parseMessageId, toBase32,
  uuid7TimeMs, uuidText, type IdKind, type MessagePlace, type Uuid7Source,
} from './ids.js';
export { actions, may, outranks, roles, type Action, type Membership, type Place, type Principal, type Role } from './permissions.js';
export { wireVersions } from './versions.js';
export { checkJsonText } from './json-text.js';
export {
  SUBPROTOCOL, SUBPROTOCOL_JSON, type Ack, type Call, type ClientCodec, type Cursor, type DownFrame, type DownInput, type Fact, type FactInput,
  type FactRange, type Facts, type Follow, type Following, type Head, type Hello, type Mark, type MessageBody, type OmittedInput, type Refusal,
  type Send, type ServerCodec, type Signal, type Truncated, type UpFrame, type UpInput, type Welcome,
} from './codec/frames.js';
