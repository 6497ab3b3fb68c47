/** Bytes from nowhere, and frames with a few bytes changed: a clear refusal or a frame, never anything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientCodec, createServerCodec } from '../../src/codec/binary.js';
import { createJsonClientCodec, createJsonServerCodec } from '../../src/codec/json.js';
import type { ErrorCode } from '../../src/errors.js';
import { binaryBytes, goldenDown, goldenUp, jsonBytes } from '../support/golden.js';
import { outcome } from '../support/outcome.js';

const UP_CODES: readonly ErrorCode[] = ['bad_frame', 'too_large', 'unknown_operation'];
const RUNS = { numRuns: 20_000 };

const binary = { server: createServerCodec(), client: createClientCodec() };
const json = { server: createJsonServerCodec(), client: createJsonClientCodec() };

/** A few changes of the kinds that go wrong: bytes flipped, put in, cut out, doubled, and two frames joined. */
function mutated(frames: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(10_000);
  const change = fc.record({ kind: fc.constantFrom('flip', 'insert', 'delete', 'double', 'cut', 'join'), at: place, length: fc.nat(12), byte: fc.nat(255), other: fc.nat(frames.length - 1) });
  return fc.tuple(fc.nat(frames.length - 1), fc.array(change, { minLength: 1, maxLength: 2 })).map(([start, changes]) => {
    let bytes = [...frames[start]!];
    for (const { kind, at: wanted, length, byte, other } of changes) {
      const at = bytes.length === 0 ? 0 : wanted % bytes.length;
      if (kind === 'flip' && bytes.length > 0) bytes[at] = byte;
      else if (kind === 'insert') bytes.splice(at, 0, byte);
      else if (kind === 'delete') bytes.splice(at, length);
      else if (kind === 'double') bytes.splice(at, 0, ...bytes.slice(at, at + length));
      else if (kind === 'cut') bytes = bytes.slice(0, at);
      else if (kind === 'join') bytes = [...bytes, ...frames[other]!];
    }
    return Uint8Array.from(bytes);
  });
}

/** Bytes of which many are keys and short lengths, so that the walk gets somewhere. */
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(0x60) }, { weight: 1, arbitrary: fc.nat(255) }), { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
);

describe('what the server reads', () => {
  const accepts = (bytes: Uint8Array): boolean => {
    const result = outcome(() => binary.server.decodeUp(bytes));
    if ('code' in result) {
      expect(UP_CODES).toContain(result.code);
      return false;
    }
    // What was let through is a whole frame: it means the same when it is sent again, in either form.
    expect(binary.server.decodeUp(binary.client.encodeUp(result.value))).toEqual(result.value);
    expect(json.server.decodeUp(json.client.encodeUp(result.value))).toEqual(result.value);
    return true;
  };

  it('[BAD protobuf.random] random bytes → bad_frame, too_large, unknown_operation or a frame', () => {
    fc.assert(fc.property(noise, (bytes) => void accepts(bytes)), RUNS);
  });

  it('[BAD protobuf.mutated] golden frames with changes → bad_frame, too_large, unknown_operation or a frame', () => {
    let accepted = 0;
    fc.assert(fc.property(mutated(goldenUp.map(binaryBytes)), (bytes) => {
      if (accepts(bytes)) accepted += 1;
    }), RUNS);
    // Both ways out were taken: a fuzz that is always refused at the door would prove little.
    expect(accepted).toBeGreaterThan(500);
    expect(accepted).toBeLessThan(19_000);
  });

  it('[BAD json.mutated] golden frames in JSON with changes → bad_frame, too_large, unknown_operation or a frame', () => {
    let accepted = 0;
    fc.assert(fc.property(mutated(goldenUp.map(jsonBytes)), (bytes) => {
      const result = outcome(() => json.server.decodeUp(bytes));
      if ('code' in result) expect(UP_CODES).toContain(result.code);
      else {
        accepted += 1;
        expect(binary.server.decodeUp(binary.client.encodeUp(result.value))).toEqual(result.value);
      }
    }), RUNS);
    expect(accepted).toBeGreaterThan(500);
  });
});

describe('what the client reads', () => {
  it.each([
    ['binary', binary.client, goldenDown.map(binaryBytes)], ['JSON', json.client, goldenDown.map(jsonBytes)],
  ] as const)('%s: changed frames → bad_frame or a frame', (_, client, frames) => {
    fc.assert(fc.property(fc.oneof(mutated(frames), noise), (bytes) => {
      const result = outcome(() => client.decodeDown(bytes));
      if ('code' in result) expect(result.code).toBe('bad_frame');
      else expect(result.value.frame).toBeTypeOf('string');
    }), RUNS);
  });

  it.each(goldenDown)('$name: cut off at every byte → bad_frame', (frame) => {
    for (const [client, bytes] of [[binary.client, binaryBytes(frame)], [json.client, jsonBytes(frame)]] as const) {
      for (let length = 0; length < bytes.length; length += 1) {
        expect(outcome(() => client.decodeDown(bytes.subarray(0, length))), `at ${length}`).toEqual({ code: 'bad_frame' });
      }
    }
  });
});
