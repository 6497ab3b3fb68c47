/** The operation table as routes. */
import { operationIds, operations, type Operation, type OperationId } from '@talaria/protocol/operations';
import { z } from 'zod';
import type { Exchange } from './exchange.js';
import type { HttpResponse } from '../runtime/http-message.js';
import type { QueryField, QueryFields, QueryKind } from './query.js';

export interface OperationRoute {
  readonly kind: 'operation';
  readonly id: OperationId;
  readonly operation: Operation;
  /** Fields that stand in the path. */
  readonly pathFields: readonly string[];
  /** Fields that stand in the query; undefined when they stand in a body. */
  readonly query: QueryFields | undefined;
}

/** What is no operation: probes, metrics, documents. */
export interface PageRoute {
  readonly kind: 'page';
  readonly id: string;
  /** Probes are asked often, by machines that must not be refused. */
  readonly unlimited: boolean;
  answer(exchange: Exchange): Promise<HttpResponse>;
}

export type Route = OperationRoute | PageRoute;

/** One path with what it does by method. */
export interface PathEntry {
  readonly template: string;
  readonly methods: Map<string, Route>;
}

/** Every operation, grouped by path. */
export function operationPaths(): Map<string, PathEntry> {
  const paths = new Map<string, PathEntry>();
  for (const id of operationIds) {
    const operation: Operation = operations[id];
    const entry = paths.get(operation.path) ?? { template: operation.path, methods: new Map<string, Route>() };
    entry.methods.set(operation.method, operationRoute(id, operation));
    paths.set(operation.path, entry);
  }
  return paths;
}

export function pathFieldsOf(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
}

/** Where the fields stand that are not in the path. */
export const takesBody = (operation: Operation): boolean => operation.method !== 'GET' && operation.method !== 'DELETE';

function operationRoute(id: OperationId, operation: Operation): OperationRoute {
  const pathFields = pathFieldsOf(operation.path);
  return { kind: 'operation', id, operation, pathFields, query: takesBody(operation) ? undefined : queryFieldsOf(id, operation, pathFields) };
}

interface FieldSchema {
  readonly type?: string;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
}

function queryFieldsOf(id: OperationId, operation: Operation, pathFields: readonly string[]): QueryFields {
  const { properties = {} } = z.toJSONSchema(operation.input, { io: 'input' }) as { properties?: Record<string, FieldSchema> };
  const fields = Object.entries(properties).filter(([name]) => !pathFields.includes(name));
  return new Map(fields.map(([name, schema]): [string, QueryField] => [name, fieldOf(`${id}: ${name}`, schema)]));
}

function fieldOf(name: string, schema: FieldSchema): QueryField {
  return schema.type === 'array' ? { kind: kindOf(name, schema.items ?? {}), list: true } : { kind: kindOf(name, schema), list: false };
}

/** @throws Error for a field that has no form in a query: the table itself is wrong then */
function kindOf(name: string, schema: FieldSchema): QueryKind {
  const type = schema.type ?? (schema.anyOf?.every((one) => one.type === 'string') ? 'string' : undefined);
  if (type === 'string' || type === 'integer' || type === 'number' || type === 'boolean') return type;
  throw new Error(`${name} has no form in a query`);
}
