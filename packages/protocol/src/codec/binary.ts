/** The binary form, `talaria.v1`: protobuf by generated code (wire.proto). */
import type { PbfWriter } from 'pbf';
import { ProtocolError } from '../errors.js';
import { readDown, readUp, writeDown, writeFact, writeFacts, writeUp } from '../generated/wire.js';
import { checkUp } from './check.js';
import { ExactReader, ExactWriter } from './exact-text.js';
import { varintBytes } from './varint-bytes.js';
import { SUBPROTOCOL, type ClientCodec, type DownFrame, type ServerCodec } from './frames.js';

/** Field 5, length-delimited: both `Down.facts` and `Facts.facts`. */
const FACTS_TAG = 0x2a;

/** A tag of one byte, and a length of at most five. */
const HEADER_BYTES_MAX = 6;

/** A codec keeps one buffer to write into; what it returns is a copy of exactly the written bytes. */
interface Scratch {
  plain(write: (writer: PbfWriter) => void): Uint8Array;
  /** As a `facts` field: with its tag and length before it. */
  framed(write: (writer: PbfWriter) => void): Uint8Array;
}

function createScratch(): Scratch {
  const writer = new ExactWriter(new Uint8Array(1024));
  return {
    plain(write) {
      writer.pos = 0;
      write(writer);
      return writer.buf.slice(0, writer.pos);
    },
    framed(write) {
      writer.pos = HEADER_BYTES_MAX;
      write(writer);
      const length = writer.pos - HEADER_BYTES_MAX;
      const start = HEADER_BYTES_MAX - 1 - varintBytes(length);
      writer.buf[start] = FACTS_TAG;
      writeVarint(writer.buf, start + 1, length);
      return writer.buf.slice(start, writer.pos);
    },
  };
}

function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest > 127) {
    target[next++] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  target[next++] = rest;
  return next;
}

/** Puts tag and length before a body whose first part is given and whose rest follows. */
function framed(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const target = new Uint8Array(1 + varintBytes(length) + length);
  target[0] = FACTS_TAG;
  let at = writeVarint(target, 1, length);
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
  return target;
}

export function createServerCodec(): ServerCodec {
  const scratch = createScratch();
  return {
    subprotocol: SUBPROTOCOL,
    binary: true,
    decodeUp(bytes) {
      checkUp(bytes);
      const frame = readUp(new ExactReader(bytes));
      // The transport takes its buffer back; byte fields are views into it.
      if (frame.frame === 'hello' && frame.hello.sync_token) frame.hello.sync_token = frame.hello.sync_token.slice();
      return frame;
    },
    encodeDown: (frame) => scratch.plain((writer) => writeDown(frame, writer)),
    encodeFact: (fact) => scratch.framed((writer) => writeFact(fact, writer)),
    factsFrame: (range, facts) => framed([scratch.plain((writer) => writeFacts({ ...range, omitted: [...range.omitted], facts: [] }, writer)), ...facts]),
  };
}

export function createClientCodec(): ClientCodec {
  const scratch = createScratch();
  return {
    subprotocol: SUBPROTOCOL,
    binary: true,
    encodeUp: (frame) => scratch.plain((writer) => writeUp(frame, writer)),
    decodeDown(bytes) {
      const reader = new ExactReader(bytes);
      let frame: DownFrame;
      try {
        frame = readDown(reader);
      } catch (cause) {
        throw new ProtocolError('bad_frame', 'The frame is not valid.', { cause });
      }
      // The reader goes past the end of what is cut off without a word.
      if (reader.pos !== bytes.length) throw new ProtocolError('bad_frame', 'The frame is cut off.');
      if (!frame.frame) throw new ProtocolError('bad_frame', 'The frame holds nothing that this version knows.');
      return frame;
    },
  };
}
