/** The JSON form holds the same bounds, and refuses what JSON alone makes possible. */
import { describe, expect, it } from 'vitest';
import { upBounds } from '../../src/codec/bounds.js';
import { createJsonClientCodec, createJsonServerCodec } from '../../src/codec/json.js';
import { shape } from '../../src/generated/shape.js';
import { limits } from '../../src/limits.js';
import { utf8 } from '../support/bytes.js';
import { goldenUp, jsonBytes } from '../support/golden.js';
import { refusal, refusalError } from '../support/outcome.js';

const server = createJsonServerCodec();
const client = createJsonClientCodec();
const decode = (text: string): unknown => server.decodeUp(utf8(text));
const refused = (text: string): string => refusal(() => decode(text));

describe('text that is no frame', () => {
  it.each([
    ['nothing', ''], ['white space', ' \n'], ['no JSON', 'hello'], ['null', 'null'], ['a number', '1'], ['a text', '"send"'], ['a list', '[{"send":{}}]'],
    ['an empty object', '{}'], ['two frames', '{"send":{},"pong":{}}'], ['two texts', '{"send":{}}{"send":{}}'], ['a comma at the end', '{"send":{},}'],
    ['a comment', '{"send":{}/**/}'], ['single quotes', "{'send':{}}"], ['a raw control character', '{"send":{"text":"a\nb"}}'], ['a NUL at the end', '{"send":{}}\0'],
  ])('[BAD json.syntax] %s → bad_frame', (_, text) => {
    expect(refused(text)).toBe('bad_frame');
  });

  it.each(goldenUp)('[BAD json.truncated] $name: cut off at every byte → bad_frame', (frame) => {
    const bytes = jsonBytes(frame);
    for (let length = 0; length < bytes.length; length += 1) expect(refusal(() => server.decodeUp(bytes.subarray(0, length))), `at ${length}`).toBe('bad_frame');
  });

  it('[BAD json.utf-8] bytes that are not UTF-8 → bad_frame', () => {
    expect(refusal(() => server.decodeUp(Uint8Array.from([...utf8('{"send":{"text":"'), 0xff, ...utf8('"}}')])))).toBe('bad_frame');
    expect(refusal(() => server.decodeUp(Uint8Array.from([...utf8('{"send":{"text":"'), 0xed, 0xa0, 0x80, ...utf8('"}}')])))).toBe('bad_frame');
  });

  it.each([
    ['of a newer version', '{"teleport":{}}'], ['of the other direction', '{"welcome":{}}'], ['in capitals', '{"Send":{}}'], ['that every object has', '{"constructor":{}}'],
  ])('[BAD json.operation] an operation %s → unknown_operation', (_, text) => {
    expect(refused(text)).toBe('unknown_operation');
  });

  it.each(['null', '1', '"x"', 'true', '[]', '[{}]'])('[BAD json.operation] an operation that is %s → bad_frame', (value) => {
    expect(refused(`{"send":${value}}`)).toBe('bad_frame');
  });

  it('[BAD json.too-large] a frame above the limit → too_large, before it is read', () => {
    expect(refusal(() => server.decodeUp(new Uint8Array(limits.frame_bytes_max + 1)))).toBe('too_large');
    const padded = '{"send":{}}'.padEnd(limits.frame_bytes_max);
    expect(decode(padded)).toMatchObject({ frame: 'send' });
    expect(refused(`${padded} `)).toBe('too_large');
  });
});

describe('depth and keys', () => {
  it('[BAD json.depth] nested 10,000 deep → bad_frame', () => {
    expect(refused(`{"send":{"text":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`)).toBe('bad_frame');
    expect(refused(`{"send":${'{"text":'.repeat(7_000)}1${'}'.repeat(7_000)}}`)).toBe('bad_frame');
    expect(refused('['.repeat(60_000))).toBe('bad_frame');
    expect(refusalError(() => decode('[{"a":'.repeat(5_000))).message).toContain('nested');
  });

  it.each([
    ['the frame', '{"send":{"text":"a"},"send":{"text":"b"}}'], ['a field', '{"send":{"text":"a","text":"b"}}'],
    ['a field, once as an escape', '{"send":{"text":"a","\\u0074ext":"b"}}'], ['a field, twice as escapes', '{"send":{"\\u0074ext":"a","t\\u0065xt":"b"}}'],
    ['a field of an inner message', '{"follow":{"cursor":{"seq":1,"seq":2}}}'], ['a field of a list', '{"hello":{"cursors":[{"seq":1,"seq":1}]}}'],
    ['a field, with space before the colon', '{"send":{"text" \t\n:"a","text":"b"}}'],
  ])('[BAD json.duplicate-key] %s twice → bad_frame', (_, text) => {
    expect(refused(text)).toBe('bad_frame');
  });

  it('[BAD json.duplicate-key] a text that equals a key is no key', () => {
    expect(decode('{"send":{"text":"text","data":"text"}}')).toMatchObject({ send: { text: 'text', data: 'text' } });
    expect(decode('{"hello":{"capabilities":["a","a"],"cursors":[{"seq":1},{"seq":1}]}}')).toMatchObject({ hello: { capabilities: ['a', 'a'] } });
  });

  it.each([
    ['as a field', '{"send":{"__proto__":{"text":"x"}}}'], ['as the frame', '{"__proto__":{}}'], ['as an escape', '{"send":{"\\u005f_proto__":{}}}'],
    ['in a cursor', '{"follow":{"cursor":{"__proto__":null}}}'],
  ])('[BAD json.proto] __proto__ %s → bad_frame', (_, text) => {
    expect(refused(text)).toBe('bad_frame');
    expect(({} as Record<string, unknown>)['text']).toBeUndefined();
  });

  it.each([
    ['{"send":{"txt":"a"}}', 'Send.txt'], ['{"send":{"Text":"a"}}', 'Send.Text'], ['{"send":{"frame":"pong"}}', 'Send.frame'], ['{"send":{"toString":1}}', 'Send.toString'],
    ['{"send":{"":1}}', 'Send.'], ['{"follow":{"cursor":{"position":1}}}', 'Cursor.position'], [`{"send":{"${'x'.repeat(500)}":1}}`, `Send.${'x'.repeat(40)}`],
  ])('[BAD json.unknown-field] %s → bad_frame that names %s', (text, name) => {
    const error = refusalError(() => decode(text));
    expect(error.code).toBe('bad_frame');
    expect(error.field).toBe(name);
  });
});

describe('values', () => {
  const WRONG: Readonly<Record<string, readonly string[]>> = {
    string: ['1', 'true', '{}', '[]', '["a"]'],
    bytes: ['1', 'true', '{}', '[]', '[1,2]', '"a"', '"AA=="', '"+/8A"', '"a b"', '"ä"'],
    bool: ['0', '1', '"true"', '{}', '[]'],
    number: ['"1"', 'true', '{}', '[1]', '-1', '0.5', '1e-7', '9007199254740992', '18446744073709551616', '1e400', '-1e400'],
    message: ['1', '"x"', 'true', '[]'],
    list: ['1', '"x"', '{}', 'true', '{"length":1}'],
  };
  const kindOf = (type: string, label: string): string => {
    if (label === 'repeated') return 'list';
    if (shape[type]) return 'message';
    return type === 'string' || type === 'bytes' || type === 'bool' ? type : 'number';
  };
  const fields = (shape['Up'] ?? []).flatMap(([, frame, message]) => (shape[message] ?? []).map(([, name, type, label]) => ({ frame, name, kind: kindOf(type, label) })));

  it.each(fields)('[BAD json.type] $frame.$name takes no value of another type → bad_frame', ({ frame, name, kind }) => {
    for (const value of WRONG[kind]!) expect(refused(`{"${frame}":{"${name}":${value}}}`), `of ${value}`).toBe('bad_frame');
    // An absent field and null mean the default.
    expect(decode(`{"${frame}":{"${name}":null}}`)).toEqual(decode(`{"${frame}":{}}`));
  });

  it.each(['NaN', 'Infinity', '-Infinity', '0x10', '01', '1.', '.5', '+1', '1_000', 'undefined'])('[BAD json.number] %s → bad_frame', (value) => {
    expect(refused(`{"pong":{"time_ms":${value}}}`)).toBe('bad_frame');
  });

  it('reads -0 as 0: the binary form has no other zero', () => {
    expect(decode('{"hello":{"follow_recent":-0}}')).toEqual(decode('{"hello":{"follow_recent":0}}'));
  });

  it('[BAD json.number] 32-bit fields end at 2^32 - 1, 64-bit fields at 2^53 - 1', () => {
    expect(decode('{"call":{"id":4294967295}}')).toMatchObject({ call: { id: 4_294_967_295 } });
    expect(refused('{"call":{"id":4294967296}}')).toBe('bad_frame');
    expect(refused('{"follow":{"cursor":{"check":4294967296}}}')).toBe('bad_frame');
    expect(decode('{"pong":{"time_ms":9007199254740991}}')).toMatchObject({ pong: { time_ms: Number.MAX_SAFE_INTEGER } });
  });

  it.each([
    ['a first half', '\\ud83d'], ['a second half', '\\ude00'], ['two first halves', '\\ud83d\\ud83d'], ['the halves in the wrong order', '\\ude00\\ud83d'],
    ['in capitals', '\\uD83D'], ['behind an escaped backslash', '\\\\\\ud83d'],
  ])('[BAD json.surrogate] half of a surrogate pair, %s → bad_frame', (_, escape) => {
    expect(refused(`{"send":{"text":"a${escape}b"}}`)).toBe('bad_frame');
    expect(refused(`{"send":{"a${escape}":1}}`)).toBe('bad_frame');
    expect(refused(`{"hello":{"capabilities":["${escape}"]}}`)).toBe('bad_frame');
  });

  it('[BAD json.surrogate] whole pairs and escaped backslashes pass', () => {
    expect(decode('{"send":{"text":"\\ud83d\\ude00 \\\\ud83d"}}')).toMatchObject({ send: { text: '😀 \\ud83d' } });
  });
});

describe('bounds', () => {
  const single = (shape['Up'] ?? []).flatMap(([, frame, message]) => (shape[message] ?? [])
    .filter(([, , type, label]) => label === 'single' && (type === 'string' || type === 'bytes'))
    .map(([, name, type]) => ({ path: `${message}.${name}`, frame, name, type })));
  // A text as long as the whole frame is refused as a frame.
  const bounded = single.filter(({ path }) => upBounds[path]! < limits.frame_bytes_max - 100);

  it.each(bounded)('[BAD json.too-large] $path at its bound passes, one more → too_large', ({ path, frame, name, type }) => {
    const bound = upBounds[path]!;
    const chars = (bytes: number): number => (type === 'bytes' ? Math.ceil((bytes * 4) / 3) : bytes);
    expect(() => decode(`{"${frame}":{"${name}":"${'A'.repeat(chars(bound))}"}}`)).not.toThrow();
    expect(refused(`{"${frame}":{"${name}":"${'A'.repeat(chars(bound + 1))}"}}`)).toBe('too_large');
  });

  it('[BAD json.too-large] bounds count bytes of UTF-8, not characters', () => {
    expect(refused(`{"unfollow":{"stream":"${'é'.repeat(33)}"}}`)).toBe('too_large');
    expect(decode(`{"unfollow":{"stream":"${'é'.repeat(32)}"}}`)).toMatchObject({ frame: 'unfollow' });
  });

  it('[BAD json.too-many] more users than a watch may have, or a longer name → too_large', () => {
    const watch = (count: number, name = ''): string => JSON.stringify({ watch: { id: 1, user_ids: Array.from({ length: count }, () => name) } });
    expect(decode(watch(limits.watch_max, 'u'.repeat(64)))).toMatchObject({ frame: 'watch' });
    expect(refused(watch(limits.watch_max + 1))).toBe('too_large');
    expect(refused(watch(1, 'u'.repeat(65)))).toBe('too_large');
  });

  it('[BAD json.too-many] more cursors or capabilities than the limit → too_large', () => {
    const cursors = (count: number): string => `{"hello":{"cursors":[${Array.from({ length: count }, () => '{}').join(',')}]}}`;
    expect(decode(cursors(limits.cursors_max))).toMatchObject({ frame: 'hello' });
    expect(refused(cursors(limits.cursors_max + 1))).toBe('too_large');
    expect(refused(`{"hello":{"capabilities":[${Array.from({ length: 33 }, () => '""').join(',')}]}}`)).toBe('too_large');
    expect(refused(`{"hello":{"capabilities":["${'x'.repeat(65)}"]}}`)).toBe('too_large');
  });
});

describe('what a client reads', () => {
  it.each(['', '{}', 'null', '{"send":{}}', '{"teleport":{}}', '{"ack":null}', '{"ack":{"seq":-1}}', '{"ack":{},"ping":{}}'])('%s → bad_frame', (text) => {
    expect(refusal(() => client.decodeDown(utf8(text)))).toBe('bad_frame');
  });

  it('has no bounds of its own: the server is trusted with lengths', () => {
    const json = 'x'.repeat(200_000);
    expect(client.decodeDown(utf8(JSON.stringify({ reply: { id: 1, json } })))).toMatchObject({ reply: { json } });
  });
});
