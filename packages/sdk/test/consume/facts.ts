import type { Fact } from '../../src/streams/fact.js';

export const STREAM = 'c_00000000000000000000000000';
const EVENT = 'e_06aqx7m4e5v2k8r0d1f3g5h7m8';

export const factAt = (seq: number): Fact => ({
  stream: STREAM, seq, eventId: EVENT, type: 'message.created', version: 1, actor: '', timeMs: 0, targetSeq: 0, clientId: '', traceId: '', redacted: false, body: {},
});
