/** The description of the socket: valid, complete, and true of frames as they are on the wire. */
import asyncApiSchemas from '@asyncapi/specs';
import { shape } from '@talaria/protocol/shape';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../packages/protocol/${path}`, import.meta.url)), 'utf8');

interface Message {
  readonly payload: { readonly properties: Readonly<Record<string, { readonly $ref: string }>> };
}

interface Document {
  readonly channels: { readonly socket: { readonly messages: Readonly<Record<string, unknown>> } };
  readonly operations: Readonly<Record<string, { readonly action: string; readonly messages: readonly { readonly $ref: string }[] }>>;
  readonly components: { readonly messages: Readonly<Record<string, Message>>; readonly schemas: Readonly<Record<string, { readonly properties: object }>> };
}

interface GoldenFrame {
  readonly name: string;
  readonly direction: 'up' | 'down';
  readonly json: Readonly<Record<string, unknown>>;
}

const document = parse(read('asyncapi.yaml')) as Document;
const golden = JSON.parse(read('fixtures/frames.json')) as readonly GoldenFrame[];
const newValidator = (options: object = {}) => addFormats.default(new Ajv.default({ strict: false, allErrors: true, ...options }));

/** What is wrong with it as a document of AsyncAPI 3.0. */
function faultsOf(text: Document): readonly unknown[] {
  // It brings the schema of JSON Schema along, which the validator has, too.
  const validate = newValidator({ meta: false, validateSchema: false }).compile(asyncApiSchemas.schemas['3.0.0'] as object);
  return validate(text) ? [] : validate.errors ?? [];
}

/** References that lead nowhere. */
function deadReferences(): readonly string[] {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1]!);
  expect(references.length).toBeGreaterThan(100);
  return references.filter((reference) => reference.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document) === undefined);
}

describe('asyncapi.yaml', () => {
  it('is AsyncAPI 3.0', () => {
    expect(faultsOf(document)).toEqual([]);
    expect(deadReferences()).toEqual([]);
    // The check itself can fail.
    expect(faultsOf({ ...document, operations: { ...document.operations, 'up.send': { action: 'shout', messages: [] } } })).not.toEqual([]);
  });

  it('has every frame of wire.proto, with every field', () => {
    for (const [direction, union] of [['up', shape['Up']], ['down', shape['Down']]] as const) {
      for (const [, frame, message] of union ?? []) {
        const { payload } = document.components.messages[`${direction}.${frame}`]!;
        const schema = document.components.schemas[payload.properties[frame]!.$ref.split('/').at(-1)!]!;
        expect(Object.keys(schema.properties), frame).toEqual((shape[message] ?? []).map(([, name]) => name));
        expect(document.operations[`${direction}.${frame}`]?.action).toBe(direction === 'up' ? 'receive' : 'send');
      }
    }
    const frames = [...shape['Up'] ?? [], ...shape['Down'] ?? []];
    expect(Object.keys(document.components.messages)).toHaveLength(frames.length);
    expect(Object.keys(document.channels.socket.messages)).toHaveLength(frames.length);
    for (const message of ['Cursor', 'Head', 'Omitted', 'Fact', 'MessageBody', 'UserPresence']) {
      expect(Object.keys(document.components.schemas[message]!.properties), message).toEqual((shape[message] ?? []).map(([, name]) => name));
    }
  });

  it('is true of frames as they are on the wire', () => {
    const validator = newValidator().addSchema({ $id: 'socket', components: document.components });
    const faults = (direction: string, json: Readonly<Record<string, unknown>>): unknown => {
      const validate = validator.compile({ $ref: `socket#/components/messages/${direction}.${Object.keys(json)[0]}/payload` });
      return validate(json) ? null : validate.errors;
    };
    expect(golden.length).toBeGreaterThan(30);
    for (const { name, direction, json } of golden) expect(faults(direction, json), name).toBeNull();
    expect(faults('up', { send: { client_id: 'x'.repeat(65) } })).not.toBeNull();
    expect(faults('up', { send: {}, call: {} })).not.toBeNull();
    expect(faults('down', { ack: { seq: '7' } })).not.toBeNull();
  });
});
