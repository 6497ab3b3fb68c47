/** The wire against its source: wire.proto, read by a second, independent reader. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { upBounds } from '../../src/codec/bounds.js';
import { createClientCodec, createServerCodec } from '../../src/codec/binary.js';
import { schemaHash, shape } from '../../src/generated/shape.js';
import { limits } from '../../src/limits.js';
import { wireVersions } from '../../src/versions.js';
import { fromHex } from '../support/bytes.js';
import { golden } from '../support/golden.js';
import { messages, walk } from '../support/wire-walker.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const PROTO = fileURLToPath(new URL('../../wire.proto', import.meta.url));

describe('the bytes of the golden frames', () => {
  it.each(golden)('$name: a reader made from wire.proto alone finds the same fields', (frame) => {
    expect(walk(frame.direction === 'up' ? 'Up' : 'Down', fromHex(frame.hex))).toEqual(frame.json);
  });

  it('the second reader refuses what wire.proto does not have', () => {
    expect(() => walk('Up', fromHex('fa0700'))).toThrow('Up has no field 127');
    expect(() => walk('Up', fromHex('1000'))).toThrow('Up.send has wire type 0');
    expect(() => walk('Up', fromHex('32020800'))).toThrow('Pong.time_ms is written at its default');
  });
});

describe('the shape table', () => {
  it('has the messages, numbers, names and types of wire.proto', () => {
    const fromProto = [...messages.values()].map((message) => [message.name, message.fields.map((field) => [
      field.tag, field.name, field.type, field.repeated ? 'repeated' : field.oneof === null ? 'single' : 'oneof',
    ])]);
    expect(Object.entries(shape)).toEqual(fromProto);
  });

  it('never gives a number or a name twice', () => {
    for (const fields of Object.values(shape)) {
      expect(new Set(fields.map(([number]) => number)).size).toBe(fields.length);
      expect(new Set(fields.map(([, name]) => name)).size).toBe(fields.length);
    }
  });

  it('bounds every text, byte field and list that a client can send, and nothing else', () => {
    const reachable = new Set<string>();
    const visit = (message: string): void => {
      for (const [, name, type, label] of shape[message] ?? []) {
        if (label === 'repeated' || type === 'string' || type === 'bytes') reachable.add(`${message}.${name}`);
        if (shape[type]) visit(type);
      }
    };
    visit('Up');
    expect(Object.keys(upBounds).toSorted()).toEqual([...reachable].toSorted());
    for (const [path, bound] of Object.entries(upBounds)) {
      expect(bound, `of ${path}`).toBeGreaterThan(0);
      expect(bound, `of ${path}`).toBeLessThanOrEqual(limits.frame_bytes_max);
    }
  });

  it('leaves room in a frame for the largest message', () => {
    const send = { client_id: 'x'.repeat(64), conversation_id: 'x'.repeat(64), text: '😀'.repeat(limits.text_chars_max), data: 'd'.repeat(limits.data_bytes_max), silent: true };
    const bytes = createClientCodec().encodeUp({ frame: 'send', send });
    expect(bytes.length).toBeLessThanOrEqual(limits.frame_bytes_max);
    expect(createServerCodec().decodeUp(bytes)).toEqual({ frame: 'send', send });
  });
});

describe('versions', () => {
  const bare = readFileSync(PROTO, 'utf8').replaceAll(/\/\/.*$/gm, '').replaceAll(/\s+/g, ' ').trim();
  const hash = createHash('sha256').update(bare).digest('hex').slice(0, 16);

  it('the hash of wire.proto is that of the newest line in src/versions.ts: a change of the wire needs a line there', () => {
    expect(wireVersions.at(-1)?.hash).toBe(hash);
    expect(schemaHash).toBe(hash);
  });

  it('versions count up from 1, each with a hash of its own, a date and a note', () => {
    expect(wireVersions.map((line) => line.version)).toEqual(wireVersions.map((_, at) => at + 1));
    expect(new Set(wireVersions.map((line) => line.hash)).size).toBe(wireVersions.length);
    for (const line of wireVersions) {
      expect(line.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(line.note).toMatch(/\.$/);
    }
  });

  it('the generated files are what `npm run generate` writes', () => {
    expect(() => execFileSync(process.execPath, ['scripts/generate.mjs', '--check'], { cwd: ROOT, stdio: 'pipe' })).not.toThrow();
  });
});
