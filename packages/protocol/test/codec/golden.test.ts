/** Frames whose bytes are kept: what an older client or server sent must be read in the same way for ever. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createClientCodec, createServerCodec } from '../../src/codec/binary.js';
import { createJsonClientCodec, createJsonServerCodec } from '../../src/codec/json.js';
import { shape } from '../../src/generated/shape.js';
import { hex } from '../support/bytes.js';
import { binaryBytes, frameKind, golden, goldenDown, goldenUp, jsonBytes } from '../support/golden.js';

const binary = { server: createServerCodec(), client: createClientCodec() };
const json = { server: createJsonServerCodec(), client: createJsonClientCodec() };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('golden frames from client to server', () => {
  it.each(goldenUp)('$name: both forms give the same frame', (frame) => {
    const decoded = binary.server.decodeUp(binaryBytes(frame));
    expect(decoded.frame).toBe(frameKind(frame));
    expect(json.server.decodeUp(jsonBytes(frame))).toEqual(decoded);
  });

  it.each(goldenUp)('$name: the frame gives the bytes of both forms', (frame) => {
    const decoded = json.server.decodeUp(jsonBytes(frame));
    expect(hex(binary.client.encodeUp(decoded))).toBe(frame.hex);
    expect(text(json.client.encodeUp(binary.server.decodeUp(binaryBytes(frame))))).toBe(text(jsonBytes(frame)));
  });
});

describe('golden frames from server to client', () => {
  it.each(goldenDown)('$name: both forms give the same frame', (frame) => {
    const decoded = binary.client.decodeDown(binaryBytes(frame));
    expect(decoded.frame).toBe(frameKind(frame));
    expect(json.client.decodeDown(jsonBytes(frame))).toEqual(decoded);
  });

  it.each(goldenDown)('$name: the frame gives the bytes of both forms', (frame) => {
    const decoded = json.client.decodeDown(jsonBytes(frame));
    expect(hex(binary.server.encodeDown(decoded))).toBe(frame.hex);
    expect(text(json.server.encodeDown(binary.client.decodeDown(binaryBytes(frame))))).toBe(text(jsonBytes(frame)));
  });
});

describe('the collection', () => {
  it.each([['up', 'Up'], ['down', 'Down']])('has every kind of frame that goes %s, also an empty one', (direction, union) => {
    const kinds = (shape[union] ?? []).map(([, name]) => name);
    const frames = golden.filter((frame) => frame.direction === direction);
    expect(new Set(frames.map(frameKind))).toEqual(new Set(kinds));
    const empty = frames.filter((frame) => Object.keys(frame.json[frameKind(frame)] as object).length === 0);
    expect(new Set(empty.map(frameKind))).toEqual(new Set(kinds));
  });

  it('uses every field of every message at least once', () => {
    const used = new Set<string>();
    const note = (message: string, value: Readonly<Record<string, unknown>>): void => {
      for (const [, name, type] of shape[message] ?? []) {
        if (!(name in value)) continue;
        used.add(`${message}.${name}`);
        const items = Array.isArray(value[name]) ? (value[name] as unknown[]) : [value[name]];
        if (shape[type]) for (const item of items) note(type, item as Readonly<Record<string, unknown>>);
      }
    };
    for (const frame of golden) note(frame.direction === 'up' ? 'Up' : 'Down', frame.json);
    const all = Object.entries(shape).flatMap(([message, fields]) => fields.map(([, name]) => `${message}.${name}`));
    expect(all.filter((path) => !used.has(path))).toEqual([]);
  });

  it('names each frame of a direction once', () => {
    expect(new Set(golden.map((frame) => `${frame.direction} ${frame.name}`)).size).toBe(golden.length);
  });

  it('is what its script writes', () => {
    const script = fileURLToPath(new URL('../../scripts/golden.mjs', import.meta.url));
    expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toContain('up to date');
  });
});
