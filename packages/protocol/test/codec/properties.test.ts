/** What holds for every frame, not only for the golden ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientCodec, createServerCodec } from '../../src/codec/binary.js';
import type { ClientCodec, DownFrame, Facts, ServerCodec, UpFrame } from '../../src/codec/frames.js';
import { createJsonClientCodec, createJsonServerCodec } from '../../src/codec/json.js';
import { anyDown, anyUp, message } from '../../../../fuzz/src/arbitraries/wire.js';
import { hex, utf8 } from '../support/bytes.js';
import { walk } from '../support/wire-walker.js';

const RUNS = { numRuns: 1_500 };

const forms: readonly { readonly name: string; readonly server: ServerCodec; readonly client: ClientCodec }[] = [
  { name: 'binary', server: createServerCodec(), client: createClientCodec() },
  { name: 'JSON', server: createJsonServerCodec(), client: createJsonClientCodec() },
];
const [binary, json] = forms as [(typeof forms)[number], (typeof forms)[number]];

describe.each(forms)('the $name form', ({ server, client }) => {
  it('gives back every frame of a client as it was', () => {
    fc.assert(fc.property(anyUp, (frame) => {
      expect(server.decodeUp(client.encodeUp(frame))).toEqual(frame);
    }), RUNS);
  });

  it('gives back every frame of a server as it was', () => {
    fc.assert(fc.property(anyDown, (frame) => {
      expect(client.decodeDown(server.encodeDown(frame))).toEqual(frame);
    }), RUNS);
  });

  it('encodes what it decoded to the same bytes', () => {
    fc.assert(fc.property(anyDown, (frame) => {
      const bytes = server.encodeDown(frame);
      expect(hex(server.encodeDown(client.decodeDown(bytes)))).toBe(hex(bytes));
    }), RUNS);
  });

  it('[ORD1] a facts frame joined from encoded facts is the frame encoded as a whole', () => {
    fc.assert(fc.property(message('Facts'), (value) => {
      const facts = value as unknown as Facts;
      const { facts: items, ...range } = facts;
      const joined = server.factsFrame(range, items.map((fact) => server.encodeFact(fact)));
      expect(hex(joined)).toBe(hex(server.encodeDown({ frame: 'facts', facts })));
      expect(client.decodeDown(joined)).toEqual({ frame: 'facts', facts });
    }), RUNS);
  });

  it('joins facts to frames of any size', () => {
    const facts = Array.from({ length: 500 }, (_, at) => ({ seq: at + 1, type: 'message.created', message: { text: 'x'.repeat(at) } }));
    const range = { stream: 'c', from_seq: 1, to_seq: 500, omitted: [] };
    const joined = server.factsFrame(range, facts.map((fact) => server.encodeFact(fact)));
    expect(joined.length).toBeGreaterThan(2 ** 16);
    expect(hex(joined)).toBe(hex(server.encodeDown({ frame: 'facts', facts: { ...range, facts } })));
  });

  it('gives bytes that the next call does not change', () => {
    const first = client.encodeUp({ frame: 'pong', pong: { time_ms: 1 } });
    const before = hex(first);
    client.encodeUp({ frame: 'pong', pong: { time_ms: 2 } });
    expect(hex(first)).toBe(before);
  });

  it('needs nothing of the received bytes afterwards', () => {
    fc.assert(fc.property(anyUp, (frame) => {
      const bytes = client.encodeUp(frame);
      const decoded = server.decodeUp(bytes);
      bytes.fill(0xff);
      expect(decoded).toEqual(frame);
    }), { numRuns: 300 });
  });

  it('reads bytes that stand inside a larger buffer', () => {
    const bytes = client.encodeUp({ frame: 'send', send: { client_id: 'a', text: 'a text that is long enough' } });
    const buffer = new Uint8Array(bytes.length + 20).fill(0x2a);
    buffer.set(bytes, 7);
    expect(server.decodeUp(buffer.subarray(7, 7 + bytes.length))).toMatchObject({ send: { client_id: 'a', text: 'a text that is long enough' } });
  });
});

describe('both forms', () => {
  it('say the same of every frame of a client', () => {
    fc.assert(fc.property(anyUp, (frame) => {
      const viaJson: UpFrame = json.server.decodeUp(json.client.encodeUp(binary.server.decodeUp(binary.client.encodeUp(frame))));
      expect(hex(binary.client.encodeUp(viaJson))).toBe(hex(binary.client.encodeUp(frame)));
    }), RUNS);
  });

  it('say the same of every frame of a server', () => {
    fc.assert(fc.property(anyDown, (frame) => {
      const viaJson: DownFrame = json.client.decodeDown(json.server.encodeDown(binary.client.decodeDown(binary.server.encodeDown(frame))));
      expect(hex(binary.server.encodeDown(viaJson))).toBe(hex(binary.server.encodeDown(frame)));
    }), RUNS);
  });

  it('agree with a second reader that follows wire.proto alone', () => {
    fc.assert(fc.property(anyDown, (frame) => {
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(json.server.encodeDown(frame));
      expect(walk('Down', binary.server.encodeDown(frame))).toEqual(JSON.parse(text));
    }), RUNS);
  });

  it('write U+FFFD for half of a surrogate pair', () => {
    const half = { frame: 'send', send: { text: 'a\ud800b', data: '\udc00\ud800\ud800' } } as const;
    const whole = { frame: 'send', send: { client_id: '', conversation_id: '', text: 'a\ufffdb', data: '\ufffd\ufffd\ufffd', silent: false } };
    for (const { server, client } of forms) expect(server.decodeUp(client.encodeUp(half))).toEqual(whole);
  });

  it('keep the characters of every plane', () => {
    for (let plane = 0; plane <= 16; plane += 1) {
      const text = String.fromCodePoint(plane * 0x10000 + 0x100, plane * 0x10000 + 0xfff0);
      for (const { server, client } of forms) {
        expect(server.decodeUp(client.encodeUp({ frame: 'refresh', refresh: { token: text } }))).toEqual({ frame: 'refresh', refresh: { token: text } });
      }
    }
  });

  it('leave a byte order mark at the start of a text in place, whatever its length', () => {
    for (const length of [0, 1, 8, 9, 10, 11, 12, 100]) {
      const text = `\ufeff${'x'.repeat(length)}`;
      for (const { server, client } of forms) {
        expect(server.decodeUp(client.encodeUp({ frame: 'refresh', refresh: { token: text } }))).toEqual({ frame: 'refresh', refresh: { token: text } });
      }
    }
  });

  it('skip what a newer server says beside the known fields', () => {
    expect(binary.client.decodeDown(Uint8Array.from([0x5a, 0x05, 0x08, 0x07, 0xfa, 0x07, 0x00]))).toEqual({ frame: 'goaway', goaway: { reconnect_after_ms: 7, reason: '' } });
    expect(json.client.decodeDown(utf8('{"goaway":{"reconnect_after_ms":7,"of_a_newer_version":[]}}'))).toEqual({ frame: 'goaway', goaway: { reconnect_after_ms: 7, reason: '' } });
  });
});
