/** The frames as TypeScript sees them. Fields keep the names of wire.proto. */
import type * as wire from '../generated/wire.js';

export type UpFrame = wire.Up;
export type DownFrame = wire.Down;
export type UpInput = wire.Input<wire.Up>;
export type DownInput = wire.Input<wire.Down>;
export type FactInput = wire.Input<wire.Fact>;
export type OmittedInput = wire.Input<wire.Omitted>;
export type Fact = wire.Fact;
export type Facts = wire.Facts;
export type Head = wire.Head;
export type Cursor = wire.Cursor;
export type Hello = wire.Hello;
export type Send = wire.Send;
export type Call = wire.Call;
export type Mark = wire.Mark;
export type Signal = wire.Signal;
export type Follow = wire.Follow;
export type Watch = wire.Watch;
export type Presence = wire.Presence;
export type UserPresence = wire.UserPresence;
export type Ack = wire.Ack;
export type Refusal = wire.Refusal;
export type Welcome = wire.Welcome;
export type Following = wire.Following;
export type Truncated = wire.Truncated;
export type MessageBody = wire.MessageBody;

export interface FactRange {
  readonly stream: string;
  readonly from_seq: number;
  readonly to_seq: number;
  readonly omitted: readonly OmittedInput[];
}

/** The server's side of a subprotocol. Encoded frames are the caller's own bytes. */
export interface ServerCodec {
  readonly subprotocol: string;
  /** Whether frames travel as binary WebSocket messages. */
  readonly binary: boolean;
  /** @throws ProtocolError bad_frame, too_large, unknown_operation. The bytes may be reused afterwards. */
  decodeUp(bytes: Uint8Array): UpFrame;
  encodeDown(frame: DownInput): Uint8Array;
  /** One fact, ready to be put into any number of facts frames without being encoded again. */
  encodeFact(fact: FactInput): Uint8Array;
  /** A facts frame around facts that `encodeFact` made. */
  factsFrame(range: FactRange, facts: readonly Uint8Array[]): Uint8Array;
}

/** The client's side of a subprotocol. */
export interface ClientCodec {
  readonly subprotocol: string;
  readonly binary: boolean;
  encodeUp(frame: UpInput): Uint8Array;
  /** @throws ProtocolError bad_frame */
  decodeDown(bytes: Uint8Array): DownFrame;
}

export const SUBPROTOCOL = 'talaria.v1';
export const SUBPROTOCOL_JSON = 'talaria.v1.json';
