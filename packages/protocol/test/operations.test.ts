/** The operation table holds what HTTP, the socket, OpenAPI, the client and the CLI take for granted. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatId, messageId } from '../src/ids.js';
import { limits } from '../src/limits.js';
import { appScopes, externalIdSchema, findOperation, operationIds, operations, scopes, sharedScopes, userRefSchema, type Operation } from '../src/operations/index.js';

const all: readonly (readonly [string, Operation])[] = Object.entries(operations);
const table = all.map(([id, operation]) => ({ id, operation }));
const pathParams = (operation: Operation): string[] => [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
const inQuery = (operation: Operation): boolean => operation.method === 'GET' || operation.method === 'DELETE';

const C = formatId('conversation', new Uint8Array(16));
/** What makes no fact, and yet is no read: what is remembered of it is no state of a conversation or user, or the operator's. */
const NO_COMMANDS = [
  'auth.token', 'auth.revoke', 'users.create', 'marks.set', 'accounts.set', 'accounts.password', 'sessions.revoke', 'sessions.clear', 'signals.send',
  'connections.close', 'traces.start', 'traces.stop',
];

/** What some commands answer beside their place. */
const BESIDE: ReadonlySet<string> = new Set(['conversation_id', 'held', 'code', 'joined']);

describe('the table', () => {
  it('has each id and each method with path once', () => {
    expect(new Set(operationIds).size).toBe(all.length);
    // The names of parameters do not tell routes apart.
    const routes = all.map(([, { method, path }]) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(routes).size).toBe(routes.length);
  });

  it('is found by id, and by nothing that objects have by themselves', () => {
    for (const [id, operation] of all) expect(findOperation(id)).toBe(operation);
    for (const id of ['', 'messages', 'toString', '__proto__', 'constructor', 'messages.send ']) expect(findOperation(id), `of ${id}`).toBeUndefined();
  });

  it.each(table)('$id has a name, a path, a summary and a known scope', ({ id, operation }) => {
    expect(id).toMatch(/^[a-z]+(\.[a-z]+)+$/);
    expect(id.length).toBeLessThanOrEqual(64);
    expect(operation.path).toMatch(/^\/v1(\/([a-z]+|\{[a-z_]+\}))+$/);
    expect(operation.summary).toMatch(/^[A-Z].*\.$/);
    // What is public needs none, what is of a cookie has another credential, and nothing else is without.
    expect(operation.public || operation.cookie ? [null] : scopes).toContain(operation.scope);
    expect(operation.public && operation.cookie).toBeFalsy();
  });

  it.each(table)('$id: parameters of the path are fields of the input that cannot be left out', ({ operation }) => {
    const params = pathParams(operation);
    expect(new Set(params).size).toBe(params.length);
    for (const name of params) {
      expect(Object.keys(operation.input.shape)).toContain(name);
      expect((operation.input.shape[name] as z.ZodType).safeParse(undefined).success, `of ${name}`).toBe(false);
    }
  });

  it.each(table.filter(({ operation }) => inQuery(operation)))('$id: what goes into the query is plain: no lists, no objects', ({ operation }) => {
    const schema = z.toJSONSchema(operation.input, { io: 'input' });
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const options = typeof property === 'object' ? property.anyOf ?? [property] : [];
      for (const option of options) expect(['string', 'integer', 'number', 'boolean'], `of ${name}`).toContain(typeof option === 'object' ? option.type : undefined);
    }
  });

  it.each(table)('[BAD http.unknown-field] $id refuses a field that it does not know', ({ operation }) => {
    const result = operation.input.safeParse({ no_such_field: 1 });
    const issues = result.error?.issues ?? [];
    expect(issues.some((issue) => issue.code === 'unrecognized_keys' && issue.keys.includes('no_such_field'))).toBe(true);
  });

  it.each(table)('$id has a JSON schema for input and output, with objects that take no more fields', ({ operation }) => {
    const input = z.toJSONSchema(operation.input, { io: 'input' });
    const output = z.toJSONSchema(operation.output, { io: 'output' });
    for (const schema of [input, output]) {
      expect(schema.type).toBe('object');
      expect(schema.additionalProperties).toBe(false);
    }
  });

  it.each(table)('$id: the examples of its schemas are valid', ({ operation }) => {
    const examples = (schema: z.ZodObject): void => {
      for (const [name, property] of Object.entries(schema.shape)) {
        const example = (property as z.ZodType).meta()?.['example'];
        if (example !== undefined) expect((property as z.ZodType).safeParse(example).success, `${name}: ${JSON.stringify(example)}`).toBe(true);
      }
    };
    examples(operation.input);
    if (operation.output instanceof z.ZodObject) examples(operation.output);
  });
});

describe('commands', () => {
  it('[SND2] are exactly the operations that make a fact', () => {
    const writes = all.filter(([, { method, scope }]) => method !== 'GET' && scope !== null && !scope.endsWith(':read') && scope !== 'admin');
    expect(writes.filter(([, operation]) => !operation.command).map(([id]) => id).toSorted()).toEqual(NO_COMMANDS.toSorted());
    expect(all.filter(([, operation]) => operation.command).every(([, { method, scope }]) => method !== 'GET' && (scope?.endsWith(':write') ?? false))).toBe(true);
  });

  it.each(table.filter(({ operation }) => operation.command))('[SND2] $id takes its client_id beside the input, and answers with its place in the log', ({ operation }) => {
    expect(Object.keys(operation.input.shape)).not.toContain('client_id');
    const answer = Object.keys((operation.output as z.ZodObject).shape).filter((field) => !BESIDE.has(field));
    expect(answer).toEqual(['id', 'seq', 'stream', 'time_ms', 'duplicate']);
    expect(operation.method).not.toBe('GET');
    // A backend says on whose behalf it acts, where users may act at all.
    expect(Object.keys(operation.input.shape).includes('as_user_id')).toBe(operation.user);
  });

  it.each(table.filter(({ operation }) => operation.method === 'GET'))('$id only reads', ({ operation }) => {
    expect(operation.command).toBe(false);
    expect(operation.scope ?? '').not.toMatch(/:write$/);
  });
});

describe('scopes', () => {
  it('an app has every scope but admin, and no operation of a user needs admin', () => {
    expect(appScopes).toEqual(scopes.filter((scope) => scope !== 'admin'));
    for (const [id, operation] of all) if (operation.user) expect(operation.scope, `of ${id}`).not.toBe('admin');
  });

  it('what an admin key shares with the keys of apps is for no user', () => {
    for (const [id, operation] of all) if (operation.scope !== null && sharedScopes.includes(operation.scope)) expect(operation.user, `of ${id}`).toBe(false);
  });

  it('[ISO1] no input of a user or an app names an app', () => {
    for (const [id, operation] of all) {
      if (operation.scope === 'admin' || (operation.scope !== null && sharedScopes.includes(operation.scope))) continue;
      expect(Object.keys(operation.input.shape), `of ${id}`).not.toContain('app_id');
    }
  });
});

describe('bounds of inputs', () => {
  const valid = (id: string, input: unknown): boolean => findOperation(id)!.input.safeParse(input).success;

  it('[BAD http.limit] limit takes 1 to the largest page and nothing else', () => {
    const list = (limit: unknown): boolean => valid('messages.list', { conversation_id: C, limit });
    for (const limit of [1, limits.page_items_max, undefined]) expect(list(limit), `of ${limit}`).toBe(true);
    for (const limit of [0, -1, Number.NaN, 1e9, 1.5, '10', null, Number.POSITIVE_INFINITY, limits.page_items_max + 1]) expect(list(limit), `of ${limit}`).toBe(false);
  });

  it('counts code points of a text, not units', () => {
    const send = (text: string): boolean => valid('messages.send', { conversation_id: C, text });
    expect(send('😀'.repeat(limits.text_chars_max))).toBe(true);
    expect(send('😀'.repeat(limits.text_chars_max) + 'a')).toBe(false);
    expect(send('')).toBe(false);
    expect(valid('messages.send', { conversation_id: C, data: {} })).toBe(true);
  });

  it('counts bytes of data as JSON', () => {
    const send = (data: unknown): boolean => valid('messages.send', { conversation_id: C, data });
    const around = '{"a":""}'.length;
    expect(send({ a: 'x'.repeat(limits.data_bytes_max - around) })).toBe(true);
    expect(send({ a: 'x'.repeat(limits.data_bytes_max - around + 1) })).toBe(false);
    expect(send({ a: 'é'.repeat(limits.data_bytes_max / 2) })).toBe(false);
    for (const data of [[], 'x', 1, null]) expect(send(data)).toBe(false);
  });

  it.each([
    ['alice', true], ['a'.repeat(limits.external_id_chars_max), true], ['ünïcode 😀', true], ['', false], ['a'.repeat(limits.external_id_chars_max + 1), false], ['ext:alice', false],
    ['a\u0000b', false], ['a\nb', false], ['a\u0085b', false], ['a\u2028b', false], ['\u001b[31m', false],
  ])('external id %j: %s', (id, expected) => {
    expect(externalIdSchema.safeParse(id).success).toBe(expected);
  });

  it.each([
    ['ext:alice', true], [formatId('user', new Uint8Array(16)), true], ['ext:', false], ['alice', false], [C, false], ['me', false], ['ext:ext:a', false], [`ext:${'a'.repeat(limits.external_id_chars_max + 1)}`, false],
  ])('user %j: %s', (ref, expected) => {
    expect(userRefSchema.safeParse(ref).success).toBe(expected);
  });

  it('[BAD http.id] ids are checked for their kind', () => {
    expect(valid('messages.get', { message_id: messageId(C, 1) })).toBe(true);
    for (const id of [C, '', '../x', `${C}\0`, 'm_']) expect(valid('messages.get', { message_id: id }), `of ${id}`).toBe(false);
    expect(valid('conversations.get', { conversation_id: formatId('user', new Uint8Array(16)) })).toBe(false);
  });

  it('names at most as many users in one command as the limit says', () => {
    const add = (count: number): boolean => valid('members.add', { conversation_id: C, member_ids: Array.from({ length: count }, (_, at) => `ext:${at}`) });
    expect([add(0), add(1), add(limits.members_per_command_max), add(limits.members_per_command_max + 1)]).toEqual([false, true, true, false]);
  });
});
