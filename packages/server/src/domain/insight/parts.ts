/** What nodes answer each other about themselves. An operation is asked of every node as it came; the answers are put together by the one that asks. */
import { operations, type OperationInput } from '@talaria/protocol/operations';
import { z } from 'zod';

const count = z.number();
const { items: connections } = operations['connections.list'].output.shape;
const { items: lines } = operations['logs.list'].output.shape;
const { items: traces } = operations['traces.list'].output.shape;
const { steps, writes } = operations['traces.get'].output.shape;
const incident = operations['incidents.list'].output.shape.items.element.omit({ nodes: true });
const setting = operations['settings.list'].output.shape.items.element.omit({ nodes: true });
const consumer = operations['consumers.list'].output.shape.items.element.pick({ name: true, failures: true, last_error: true, last_error_ms: true });

/** Of one step: numbers by column, and only those columns of the rest in which there is something. */
const point = z.object({
  at: z.number(), sums: z.array(count.nullable()).max(32), sends: z.array(z.tuple([z.int().min(0), count])).max(64), refusals: z.array(z.tuple([z.string().max(64), count])).max(200),
  lags: z.array(z.tuple([z.string().max(64), count])).max(32),
});

export const partSchemas = {
  'stats.get': z.object({ step_s: z.int(), points: z.array(point).max(400) }),
  'connections.list': z.object({ items: connections.max(201) }),
  'connections.get': z.object({ connection: operations['connections.get'].output.nullable() }),
  'connections.close': z.object({ closed: z.boolean() }),
  'logs.list': z.object({ items: lines.max(201) }),
  'incidents.list': z.object({ items: z.array(incident).max(200) }),
  'settings.list': z.object({ items: z.array(setting).max(200) }),
  'consumers.list': z.object({ items: z.array(consumer).max(32) }),
  'traces.start': z.object({ until_ms: z.int() }),
  'traces.stop': z.object({ stopped: z.boolean() }),
  'traces.list': z.object({ items: traces.max(64) }),
  'traces.get': z.object({ recorded: z.boolean(), steps: steps.max(32), writes: writes.max(1_000), writes_total: z.int().min(0) }),
} as const;

/** The operations that every node is asked about. */
export type QuestionId = keyof typeof partSchemas;
export type Part<Id extends QuestionId> = (typeof partSchemas)[Id]['_output'];
export type Point = Part<'stats.get'>['points'][number];

/** Of the app alone that is given; of all when it is null (ISO1). */
export type Answerer<Id extends QuestionId> = (input: OperationInput<Id>, app: string | null) => Part<Id> | Promise<Part<Id>>;
export type Answerers = { readonly [Id in QuestionId]: Answerer<Id> };

export interface Answer<Id extends QuestionId> {
  readonly node: string;
  readonly part: Part<Id>;
}

export interface Answers<Id extends QuestionId> {
  /** This node's is among them. */
  readonly parts: readonly Answer<Id>[];
  /** Nodes that are known and did not answer in time, or did not know how. */
  readonly missing: readonly string[];
}

/** Asks all nodes, this one included. */
export interface AskNodes {
  /**
   * @param app the only one that is spoken of; null for all
   * @param node the only one that is asked; without it, all are
   * @throws ProtocolError not_found for a node that is not known, overloaded when too many questions wait
   */
  <Id extends QuestionId>(id: Id, input: OperationInput<Id>, app: string | null, node?: string): Promise<Answers<Id>>;
}

/** @returns whether nodes ask each other about this operation */
export function isQuestion(id: string): id is QuestionId {
  return Object.hasOwn(partSchemas, id);
}
