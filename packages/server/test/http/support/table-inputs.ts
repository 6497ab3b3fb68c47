/** Inputs of operations, made of the table's own schemas: so one that is added has them without a word here. */
import { operationIds, operations, type JsonSchema, type OperationId } from '@talaria/protocol/operations';
import { z } from 'zod';
import type { Input } from './stage.js';
import type { ThingKind, Things } from './things.js';

/** A field of an operation's input that names something. */
export interface Naming {
  /** Fields from the outside in; an item of a list has no step of its own. */
  readonly path: readonly string[];
  readonly kind: ThingKind;
}

/** What an id names, by the prefix of the schema's example. */
const BY_PREFIX: Readonly<Record<string, ThingKind>> = {
  a: 'app', c: 'conversation', h: 'held', k: 'key', l: 'link', m: 'message', n: 'connection', o: 'operator', q: 'call', s: 'session', t: 'tenant', u: 'user', w: 'scheduled',
};
/** Fields that name something and have no example of an id. */
const BY_NAME: Readonly<Record<string, ThingKind>> = { code: 'code', login: 'login', refresh_token: 'refresh', session_id: 'session', token_id: 'token' };
/** Ids that the customer has made: the same one of another app is another thing. */
const OF_THE_CUSTOMER: ReadonlySet<string> = new Set(['external_id', 'device_id']);
const LOOKS_LIKE_AN_ID = /(?:^|_)(?:ids?|code|token)$/;

/** What fields hold that name nothing, where the schema alone makes nothing useful. */
const VALUES: Readonly<Record<string, unknown>> = { text: 'mine now', q: 'theirs', reaction: '👍', options: ['1', '2'], send_at_ms: 4_000_000_000_000, password: 'battery staple', history: 'all' };
/** What an operation wants beside its required fields, or instead of the above. */
const MORE: Readonly<Partial<Record<OperationId, Input>>> = {
  'messages.send': { text: 'mine now' }, 'scheduled.create': { text: 'mine now' }, 'search.messages': { q: 'theirs' }, 'marks.set': { read_seq: 1 }, 'marks.unread': { from_seq: 1 },
  'polls.vote': { options: ['1'] }, 'conversations.update': { name: 'mine now' }, 'messages.edit': { text: 'mine now' }, 'identity.login': { password: 'correct horse' },
};

const schemas = new Map(operationIds.map((id) => [id, z.toJSONSchema(operations[id].input, { io: 'input' }) as JsonSchema]));

/** Every field of an operation that names something. @throws Error for one that looks like an id and is none that is known */
export function namingsOf(id: OperationId): readonly Naming[] {
  return within(id, schemas.get(id)!, []);
}

function within(id: OperationId, schema: JsonSchema, path: readonly string[]): Naming[] {
  if (schema.anyOf) return schema.anyOf.flatMap((one) => within(id, one, path));
  if (schema.items) return within(id, schema.items, path);
  if (schema.properties) return Object.entries(schema.properties).flatMap(([name, field]) => within(id, field, [...path, name]));
  const kind = kindOf(id, schema, path.at(-1) ?? '');
  if (kind === undefined) return [];
  return kind === 'user' ? [{ path, kind }, { path, kind: 'external' }] : [{ path, kind }];
}

function kindOf(id: OperationId, { type, example, ...schema }: JsonSchema, field: string): ThingKind | undefined {
  if (type !== 'string' || OF_THE_CUSTOMER.has(field) || schema.const !== undefined) return undefined;
  if (Object.hasOwn(BY_NAME, field)) return BY_NAME[field];
  if (typeof example === 'string' && example.startsWith('ext:')) return 'user';
  const prefix = typeof example === 'string' ? /^([a-z])_[0-9a-z]{26,}$/.exec(example)?.[1] : undefined;
  if (prefix !== undefined && Object.hasOwn(BY_PREFIX, prefix)) return BY_PREFIX[prefix];
  // A description may have taken the example's place.
  if (/user_ids?$/.test(field)) return 'user';
  if (prefix !== undefined || LOOKS_LIKE_AN_ID.test(field)) throw new Error(`${id}: say in table-inputs.ts what ${field} names`);
  return undefined;
}

/**
 * The input of an operation.
 *
 * @param named what it names where it must
 * @param besides one more field, which names this
 * @throws Error when the schema refuses what was made
 */
export function inputOf(id: OperationId, named: Things, besides?: Naming & { readonly value: string }): Input {
  const made = { ...objectOf(id, schemas.get(id)!, [], named, besides), ...MORE[id] };
  const parsed = operations[id].input.safeParse(made);
  if (!parsed.success) throw new Error(`${id}: say in table-inputs.ts what its fields hold: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join(', ')}`);
  return made;
}

type Besides = (Naming & { readonly value: string }) | undefined;

function objectOf(id: OperationId, schema: JsonSchema, path: readonly string[], named: Things, besides: Besides): Input {
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name) || besides?.path[path.length] === name && path.every((step, at) => besides.path[at] === step));
  return Object.fromEntries(fields.map(([name, field]) => [name, valueOf(id, field, [...path, name], named, besides)]));
}

function valueOf(id: OperationId, schema: JsonSchema, path: readonly string[], named: Things, besides: Besides): unknown {
  const field = path.at(-1)!;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) {
    const names = schema.anyOf.find((one) => within(id, one, path).length > 0);
    return valueOf(id, names ?? schema.anyOf.find(({ type }) => type !== 'null')!, path, named, besides);
  }
  if (schema.items && !Object.hasOwn(VALUES, field)) return [valueOf(id, schema.items, path, named, besides)];
  if (schema.properties) return objectOf(id, schema, path, named, besides);
  if (schema.type === 'string') {
    if (besides && besides.path.join('.') === path.join('.')) return besides.value;
    const kind = kindOf(id, schema, field);
    if (kind !== undefined) return named[kind];
  }
  if (Object.hasOwn(VALUES, field)) return VALUES[field];
  switch (schema.type) {
    case 'string': return 'x'.repeat(Math.max(1, schema.minLength ?? 1));
    case 'integer':
    case 'number': return Math.max(1, schema.minimum ?? 1);
    case 'boolean': return false;
    default: return {};
  }
}
