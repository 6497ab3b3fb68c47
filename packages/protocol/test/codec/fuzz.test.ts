/** Bytes from nowhere, and frames with a few bytes changed: a clear refusal or a frame, never anything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientCodec, createServerCodec } from '../../src/codec/binary.js';
import { createJsonClientCodec, createJsonServerCodec } from '../../src/codec/json.js';
import type { ErrorCode } from '../../src/errors.js';
import { mutated, noise } from '../../../../fuzz/src/arbitraries/bytes.js';
import { binaryBytes, goldenDown, goldenUp, jsonBytes } from '../support/golden.js';
import { outcome } from '../support/outcome.js';

const UP_CODES: readonly ErrorCode[] = ['bad_frame', 'too_large', 'unknown_operation'];
const RUNS = { numRuns: 8_000 };

const binary = { server: createServerCodec(), client: createClientCodec() };
const json = { server: createJsonServerCodec(), client: createJsonClientCodec() };

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
    expect(accepted).toBeGreaterThan(200);
    expect(accepted).toBeLessThan(7_600);
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
    expect(accepted).toBeGreaterThan(200);
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
