import { describe, expect, it } from 'vitest';
import { announcesBody, isHandshake, refuseHead, sendable, splitList, statusLine } from '../../src/transport/http-head.js';

const head = (headers: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(headers));

describe('refuseHead', () => {
  it.each([
    [{}, undefined],
    [{ 'content-length': '0' }, undefined],
    [{ 'content-length': '10' }, undefined],
    [{ 'content-length': '11' }, 'too_large'],
    [{ 'content-length': '99999999999999999999999' }, 'too_large'],
    [{ 'content-length': '4, 4' }, 'bad_request'],
    [{ 'content-length': '+4' }, 'bad_request'],
    [{ 'content-length': '-4' }, 'bad_request'],
    [{ 'content-length': '0x4' }, 'bad_request'],
    [{ 'content-length': '' }, 'bad_request'],
    [{ 'transfer-encoding': 'chunked' }, undefined],
    [{ 'transfer-encoding': 'Chunked' }, undefined],
    [{ 'transfer-encoding': 'chunked, chunked' }, 'bad_request'],
    [{ 'transfer-encoding': 'gzip, chunked' }, 'bad_request'],
    [{ 'transfer-encoding': 'identity' }, 'bad_request'],
    [{ 'transfer-encoding': '' }, 'bad_request'],
    [{ 'transfer-encoding': 'chunked', 'content-length': '4' }, 'bad_request'],
  ] as const)('[BAD http.smuggling] %j → %s', (headers, verdict) => {
    expect(refuseHead(head(headers), 10)).toBe(verdict);
  });
});

it('announcesBody', () => {
  expect([{}, { 'content-length': '0' }, { 'content-length': '1' }, { 'transfer-encoding': 'chunked' }].map((headers) => announcesBody(head(headers as Record<string, string>))))
    .toEqual([false, false, true, true]);
});

describe('isHandshake', () => {
  const complete = { upgrade: 'WebSocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };

  it.each([
    [complete, true],
    [{ ...complete, upgrade: 'h2c' }, false],
    [{ ...complete, 'sec-websocket-version': '8' }, false],
    [{ ...complete, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ' }, false],
    [{ ...complete, 'sec-websocket-key': '' }, false],
    [{}, false],
  ])('%j → %s', (headers, verdict) => {
    expect(isHandshake((name) => head(headers as Record<string, string>).get(name))).toBe(verdict);
  });
});

describe('sendable', () => {
  it('leaves out what the transport says itself', () => {
    const answer = { status: 200, headers: [['Content-Length', '9'], ['x-a', '1'], ['CONNECTION', 'keep-alive'], ['Transfer-Encoding', 'chunked'], ['x-a', '2']] as const, body: 'b' };
    expect(sendable(answer)).toEqual({ status: 200, headers: [['x-a', '1'], ['x-a', '2']], body: 'b' });
  });

  it.each([
    ['x-a', 'a\r\nb: c'], ['x-a', 'a\nb'], ['x-a', 'a\0'], ['x-a', '\u{1F600}'], ['x a', 'b'], ['', 'b'], ['x-a\r\nb', 'c'],
  ])('[BAD http.header-injection] %j: %j → an empty 500', (name, value) => {
    expect(sendable({ status: 200, headers: [[name, value]], body: 'secret' })).toEqual({ status: 500, headers: [], body: '' });
  });
});

it('splits lists and writes status lines', () => {
  expect(splitList(' a, b,,c ')).toEqual(['a', 'b', 'c']);
  expect(splitList(undefined)).toEqual([]);
  expect([statusLine(404), statusLine(799)]).toEqual(['404 Not Found', '799 Unknown']);
});
