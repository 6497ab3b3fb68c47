/** Inputs of operations, from their schemas. Ids are names such as `$group`, which a scene makes real. */
import { operationIds, operations, type JsonSchema, type Operation, type OperationId } from '@talaria/protocol/operations';
import fc from 'fast-check';
import { z } from 'zod';
import { hostileText } from './text.js';

export type Fields = Readonly<Record<string, unknown>>;

/** The app's own mostly, and now and then the other app's, which must look as if it were not there. */
const own = (...names: readonly string[]): readonly string[] => names.flatMap((name) => [`$${name}`, `$${name}`, `$${name}`, `$foreign_${name}`]);
/** Ids by how the schema's example begins. */
const POOLS: Readonly<Record<string, readonly string[]>> = {
  c_: [...own('group', 'direct'), '$spare_group', 'c_00000000000000000000000000'],
  u_: [...own('alice', 'bob', 'carol'), 'u_00000000000000000000000000'],
  'ext:': [...own('alice', 'bob', 'carol'), 'ext:alice', 'ext:bob', 'ext:carol', 'ext:nobody', 'u_00000000000000000000000000'],
  m_: [...own('message', 'message2'), 'm_0000000000000000000000000000000001'],
  a_: ['$spare_app', 'a_00000000000000000000000000'], t_: ['$spare_tenant', 't_00000000000000000000000000'], k_: ['$spare_key', 'k_00000000000000000000000000'],
};
/** Operations that would take away what the other inputs need, and what they may have instead. */
const KEPT: Readonly<Partial<Record<OperationId, Readonly<Record<string, readonly string[]>>>>> = {
  'auth.revoke': { 'ext:': ['$carol', 'ext:carol', '$foreign_carol'] },
  'members.remove': { c_: ['$spare_group', '$foreign_group', '$direct'] },
  'members.update': { c_: ['$spare_group', '$foreign_group', '$direct'] },
};

type Pools = Readonly<Record<string, readonly string[]>>;

const number = ({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema): fc.Arbitrary<number> => fc.oneof(
  fc.integer({ min: Math.max(minimum, -10), max: Math.min(maximum, Math.max(minimum, 0) + 20) }), fc.constantFrom(Math.max(minimum, Number.MIN_SAFE_INTEGER), Math.min(maximum, Number.MAX_SAFE_INTEGER)),
);

function text({ minLength = 0, maxLength = 200, example }: JsonSchema & { readonly pattern?: string }, pools: Pools): fc.Arbitrary<string> {
  const pool = typeof example === 'string' ? pools[/^(?:ext:|[a-z]_)/.exec(example)?.[0] ?? ''] : undefined;
  if (pool) return fc.constantFrom(...pool);
  const plain = fc.string({ minLength, maxLength: Math.min(maxLength, 30) });
  // Most of these are not valid: they are for the schema to refuse, or to store as they are.
  return fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: hostileText });
}

function valueOf(schema: JsonSchema & { readonly pattern?: string }, pools: Pools): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valueOf(one, pools)));
  if (schema.pattern?.startsWith('^https?') === true) return fc.constantFrom('https://app.example.com', 'http://localhost:3000', 'https://app.com.evil.com');
  if (schema.description?.startsWith('From `next`') === true) return fc.constantFrom('$cursor', '$foreign_cursor', 'AAAA', '', '$cursor.', 'A'.repeat(257));
  switch (schema.type) {
    case 'string': return text(schema, pools);
    case 'integer': case 'number': return number(schema);
    case 'boolean': return fc.boolean();
    case 'null': return fc.constant(null);
    case 'array': return fc.array(valueOf(schema.items ?? {}, pools), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case 'object': return schema.properties ? fieldsOf(schema, pools) : fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true });
    default: return fc.jsonValue({ maxDepth: 2 });
  }
}

function fieldsOf(schema: JsonSchema, pools: Pools): fc.Arbitrary<Fields> {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valueOf(field, pools)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...schema.required ?? []], noNullPrototype: true });
}

/** Mostly valid inputs of an operation. */
export function inputOf(id: OperationId): fc.Arbitrary<Fields> {
  const operation: Operation = operations[id];
  return fieldsOf(z.toJSONSchema(operation.input, { io: 'input' }) as JsonSchema, { ...POOLS, ...KEPT[id] });
}

export interface OperationCall {
  readonly operation: OperationId;
  readonly fields: Fields;
}

const callOf = (ids: readonly OperationId[]): fc.Arbitrary<OperationCall> => fc.oneof(...ids.map((operation) => inputOf(operation).map((fields): OperationCall => ({ operation, fields }))));

/** Any operation with an input for it. */
export const anyCall = callOf(operationIds);
/** Those that a user's token allows. */
export const anyUserCall = callOf(operationIds.filter((id) => operations[id].user));
