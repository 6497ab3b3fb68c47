/** What a client says on one connection: frames in an order that may be none, and bytes that are no frames. */
import type { UpInput } from '@talaria/protocol';
import fc from 'fast-check';
import { mutated, noise } from './bytes.js';
import { forms, goldenBytes, type Form } from './golden.js';
import { anyCall, anyUserCall } from './operation-input.js';
import { hostileJson, hostileShort, hostileText } from './text.js';
import { anyUp } from './wire.js';

export type Step =
  /** A hello that is let in, with these fields beside its token. */
  | { readonly kind: 'hello'; readonly extra: Readonly<Record<string, unknown>> }
  /** A frame whose texts may be names such as `$group`. */
  | { readonly kind: 'frame'; readonly frame: UpInput }
  /** One message of these bytes, of the form's own kind or of the other. */
  | { readonly kind: 'bytes' | 'other_kind'; readonly hex: string }
  /** Bytes under the WebSocket; nothing follows them. */
  | { readonly kind: 'wire'; readonly hex: string };

export interface SessionInput {
  readonly form: Form;
  readonly steps: readonly Step[];
}

/** Nothing, mostly. */
const rarely = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const IDS = Array.from({ length: 6 }, (_, at) => `$id${at}`);
const clientId = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...IDS) }, { weight: 1, arbitrary: hostileShort });
const stream = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('$group', '$spare_group') },
  { weight: 3, arbitrary: fc.constantFrom('$direct', '$mallory', '$alice', '$foreign_group', '$foreign_alice', 'c_00000000000000000000000000') },
  { weight: 1, arbitrary: hostileShort },
);
const watched = fc.oneof({ weight: 8, arbitrary: fc.constantFrom('$alice', '$mallory', '$foreign_alice', 'u_00000000000000000000000000') }, { weight: 1, arbitrary: hostileShort });
const seq = fc.oneof(fc.nat(12), fc.constantFrom(0, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER));
const cursor = fc.record({ stream, seq, check: fc.oneof(fc.constant(0), fc.nat(0xffff_ffff)), epoch: fc.constantFrom('$epoch', '$epoch', '$epoch', '', '00000000-0000-7000-8000-000000000000', 'x') });
const json = fc.oneof({ weight: 3, arbitrary: hostileJson.map((value) => JSON.stringify(value)) }, { weight: 1, arbitrary: fc.constantFrom('', '{}', '{"a":1}', '{', '{"a":1,"a":2}', '{"__proto__":{}}', '[]', 'null') }, { weight: 1, arbitrary: hostileText });

/** Frames that mean something, with values that do not always. */
const plausible: fc.Arbitrary<UpInput> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ client_id: clientId, conversation_id: stream, text: fc.oneof(fc.string({ maxLength: 30 }), hostileText), data: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: json }), silent: fc.boolean() }).map((send) => ({ send })) },
  { weight: 6, arbitrary: fc.record({ id: fc.integer({ min: 1, max: 9 }), call: fc.oneof({ weight: 8, arbitrary: anyUserCall }, { weight: 1, arbitrary: anyCall }), client_id: clientId, json: rarely(5, json), op: rarely(30, hostileShort) })
    .map(({ id, call, client_id, json, op }) => ({ call: { id, op: op ?? call.operation, client_id, json: json ?? JSON.stringify(call.fields) } })) },
  { weight: 1, arbitrary: fc.record({ conversation_id: stream, delivered_seq: seq, read_seq: seq }).map((mark) => ({ mark })) },
  { weight: 1, arbitrary: fc.record({ stream, type: fc.oneof(fc.constant('typing'), hostileShort), json, lifetime_ms: fc.nat(0xffff_ffff) }).map((signal) => ({ signal })) },
  { weight: 1, arbitrary: fc.record({ id: fc.nat(0xffff_ffff), user_ids: fc.array(watched, { maxLength: 5 }) }).map((watch) => ({ watch })) },
  { weight: 1, arbitrary: fc.boolean().map((away) => ({ away: { away } })) },
  { weight: 2, arbitrary: fc.record({ stream, cursor: rarely(1, cursor), all: fc.boolean(), once: fc.boolean() }).map((follow) => ({ follow })) },
  { weight: 1, arbitrary: stream.map((one) => ({ unfollow: { stream: one } })) },
  { weight: 1, arbitrary: fc.record({ client_id: clientId, stream }).map((abandon) => ({ abandon })) },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom('$mallory_token', '$carol_token', '$foreign_token'), hostileText).map((token) => ({ refresh: { token } })) },
  { weight: 1, arbitrary: seq.map((time_ms) => ({ pong: { time_ms } })) },
);

const extra = fc.record({
  device_id: hostileShort, agent: hostileShort, follow_recent: fc.oneof(fc.constantFrom(0, 20, 200), fc.nat(0xffff_ffff)),
  replay_max: fc.oneof(fc.nat(5), fc.nat(0xffff_ffff)), away: fc.boolean(), capabilities: fc.array(hostileShort, { maxLength: 3 }), cursors: fc.array(cursor, { maxLength: 4 }), sync_token: rarely(6, fc.uint8Array({ maxLength: 80 })),
}, { requiredKeys: [], noNullPrototype: true });

const asHex = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<string> => bytes.map((one) => Buffer.from(one).toString('hex'));
/** Heads of WebSocket frames with a mask, right and wrong, and what may follow. */
const wire = fc.tuple(fc.constantFrom(0x82, 0x81, 0x88, 0x89, 0x8a, 0x80, 0x02, 0x00, 0xc2, 0xf2, 0x83, 0x8f, 0x09), fc.constantFrom(0x80, 0x81, 0x84, 0xfd, 0xfe, 0xff, 0x04, 0x7f), fc.uint8Array({ maxLength: 40 }))
  .map(([first, second, rest]) => Uint8Array.from([first, second, ...rest]));

function step(form: Form): fc.Arbitrary<Step> {
  const golden = goldenBytes('up', form);
  const bytes = (kind: 'bytes' | 'other_kind', weight: number): { weight: number; arbitrary: fc.Arbitrary<Step> } => ({ weight, arbitrary: asHex(fc.oneof({ weight: 4, arbitrary: mutated(golden) }, { weight: 1, arbitrary: noise })).map((hex) => ({ kind, hex })) });
  return fc.oneof(
    { weight: 50, arbitrary: plausible.map((frame): Step => ({ kind: 'frame', frame })) },
    { weight: 2, arbitrary: anyUp.map((frame): Step => ({ kind: 'frame', frame })) },
    bytes('bytes', 3), bytes('other_kind', 1),
    { weight: 1, arbitrary: asHex(wire).map((hex): Step => ({ kind: 'wire', hex })) },
    { weight: 1, arbitrary: extra.map((fields): Step => ({ kind: 'hello', extra: fields })) },
  );
}

const helloStep = extra.map((fields): readonly Step[] => [{ kind: 'hello', extra: fields }]);

/** Mostly sessions that are let in first; what comes before or instead of hello is tried too. */
export const anySession: fc.Arbitrary<SessionInput> = fc.oneof(...forms.map((form) => fc.tuple(
  fc.oneof({ weight: 9, arbitrary: helloStep }, { weight: 1, arbitrary: fc.constant<readonly Step[]>([]) }), fc.array(step(form), { minLength: 1, maxLength: 10 }),
).map(([first, more]): SessionInput => ({ form, steps: [...first, ...more] }))));
