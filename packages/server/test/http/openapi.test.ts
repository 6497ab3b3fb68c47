/** The API's description holds what the table says, and is one that tools can read. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { errorCodes } from '@talaria/protocol';
import { namedShapes, operationIds, operations, type Operation } from '@talaria/protocol/operations';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonSchema } from '@talaria/protocol/operations';
import { openApi } from '../../src/http/openapi.js';

const document = openApi('1.2.3');
const text = JSON.stringify(document);
const table = operationIds.map((id) => ({ id, operation: operations[id] as Operation }));

const described = (operation: Operation) => document.paths[operation.path]?.[operation.method.toLowerCase()];

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(JSON.parse(text) as Record<string, unknown>);
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    // And the validator does find what is wrong.
    expect((await new Validator().validate({ ...JSON.parse(text) as Record<string, unknown>, paths: { '/x': { get: { responses: 7 } } } })).valid).toBe(false);
  });

  it('has every operation once and nothing else', () => {
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(ids.toSorted()).toEqual([...operationIds].toSorted());
  });

  it('refers only to what it has, and has nothing that nobody refers to', () => {
    const used = new Set([...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)].map(([, kind, name]) => `${kind}/${name}`));
    const { schemas, responses } = document.components;
    expect([...used].toSorted()).toEqual([...Object.keys(schemas).map((name) => `schemas/${name}`), ...Object.keys(responses).map((name) => `responses/${name}`)].toSorted());
    expect(text.match(/"\$ref":"(?!#\/components\/)/)).toBeNull();
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(namedShapes.map(({ name }) => name)));
  });

  it('lists every error code and every status of them', () => {
    const { code, status } = document.components.schemas['Problem']!.properties!;
    expect(code?.enum).toEqual(errorCodes);
    expect(status?.enum).toEqual(expect.arrayContaining([400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503, 507]));
  });
});

/** A schema with what its references stand for, so that it compares with what zod makes. Descriptions and examples are kept. */
function resolved(schema: unknown, depth = 0): unknown {
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, depth));
  if (typeof schema !== 'object' || schema === null) return schema;
  const name = '$ref' in schema && typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1)! : undefined;
  // Any JSON value holds itself.
  if (name === 'Json') return 'any JSON';
  if (name !== undefined) return resolved(document.components.schemas[name], depth + 1);
  return Object.fromEntries(Object.entries(schema).map(([key, each]) => [key, resolved(each, depth)]));
}

function fromZod(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _dialect, $defs: _defs, ...rest } = z.toJSONSchema(schema, { io });
  return JSON.parse(JSON.stringify(rest).replaceAll(/\{"\$ref":"#\/\$defs\/[^"]+"\}/g, '"any JSON"'));
}

describe.each(table)('$id', ({ id, operation }) => {
  const one = described(operation)!;
  const input = fromZod(operation.input, 'input') as { properties?: Record<string, JsonSchema>; required?: string[] };
  const pathFields = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const inBody = !['GET', 'DELETE'].includes(operation.method);

  it('says who may call it', () => {
    const session = id === 'session.get' || id === 'session.delete' ? [{ session: [] }] : [];
    expect(one.security).toEqual(operation.scope === null ? session : [{ key: [operation.scope] }, ...(operation.user ? [{ user_token: [] }] : []), { session: [] }]);
    expect(one.summary).toBe(operation.summary);
    expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...one.tags]));
  });

  it('takes each field in one place, and as the table has it', () => {
    const body = resolved(one.requestBody?.content['application/json'].schema) as JsonSchema | undefined;
    const placed = [...one.parameters.filter(({ in: place }) => place !== 'header').map(({ name }) => name), ...Object.keys(body?.properties ?? {})];
    expect(placed.toSorted()).toEqual(Object.keys(input.properties ?? {}).toSorted());
    for (const { name, in: place, required, description, schema } of one.parameters) {
      if (place === 'header') continue;
      expect(place, name).toBe(pathFields.includes(name) ? 'path' : 'query');
      expect(required, name).toBe(place === 'path' || (input.required ?? []).includes(name));
      expect({ ...resolved(schema) as JsonSchema, ...(description !== undefined && { description }) }, name).toEqual(input.properties?.[name]);
    }
    for (const [name, schema] of Object.entries(body?.properties ?? {})) expect(schema, name).toEqual(input.properties?.[name]);
    expect(new Set(body?.required)).toEqual(new Set(inBody ? (input.required ?? []).filter((name) => !pathFields.includes(name)) : []));
    if (body) expect([inBody, body.additionalProperties, one.requestBody?.required]).toEqual([true, false, (body.required ?? []).length > 0]);
  });

  it('takes an Idempotency-Key if it is a command', () => {
    expect(one.parameters.some(({ name, in: place, required }) => name === 'Idempotency-Key' && place === 'header' && !required)).toBe(operation.command);
  });

  it('answers with what the table says, or with a problem', () => {
    const { 200: done, default: refused, ...others } = one.responses as Record<string, { content?: { 'application/json': { schema: unknown } } }>;
    expect(resolved(done?.content?.['application/json'].schema)).toEqual(fromZod(operation.output, 'output'));
    expect(refused).toEqual({ $ref: '#/components/responses/Problem' });
    expect(others).toEqual({});
  });
});
