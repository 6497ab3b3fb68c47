/** A typed HTTP client over the operation table. */
import { randomUUID } from 'node:crypto';
import type { operations as operationTable, Operation, OperationId, OperationOutput } from '@talaria/protocol/operations';
import { CliError } from './errors.js';
import { refusalOf } from './refusal.js';

/** What an operation takes: fields that have a default may be left out. */
export type CallInput<Id extends OperationId> = (typeof operationTable)[Id]['input']['_input'];
/** The table is loaded with the first call: what speaks to no server starts faster without. */
const loadOperation = async (id: OperationId): Promise<Operation> => (await import('@talaria/protocol/operations')).operations[id];

export interface CallOptions {
  /** SND2: for commands; one is made when there is none. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface Client {
  readonly url: string;
  /** @throws RefusedError, CliError */
  call<Id extends OperationId>(id: Id, input: CallInput<Id>, options?: CallOptions): Promise<OperationOutput<Id>>;
}

export interface ClientOptions {
  readonly url: string;
  readonly key: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

export function createClient({ url, key, timeoutMs = TIMEOUT_MS }: ClientOptions): Client {
  return {
    url,
    async call(id, input, options = {}) {
      const operation = await loadOperation(id);
      checkInput(operation, input);
      const { method, path, body } = requestOf(operation, input);
      const idempotencyKey = operation.command ? options.idempotencyKey ?? randomUUID() : undefined;
      const timeout = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body }),
      }).catch((error: unknown) => {
        throw options.signal?.aborted ? error : failureOf(url, error, idempotencyKey);
      });
      const text = await response.text().catch((error: unknown) => {
        throw failureOf(url, error, idempotencyKey);
      });
      // The server of this table made it.
      if (response.ok) return answerOf(url, text) as OperationOutput<typeof id>;
      throw refusalOf(url, response.status, text);
    },
  };
}

/** @throws CliError usage, naming the field: the table's own check, before anything is sent */
function checkInput(operation: Operation, input: unknown): void {
  const parsed = operation.input.safeParse(input);
  const issue = parsed.error?.issues[0];
  if (!issue) return;
  const field = issue.path.join('.');
  throw new CliError('usage', `${field === '' ? 'input' : field}: ${issue.message}`);
}

interface HttpCall {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

/** Fields that the path names go into the path; the rest is the query of GET and DELETE, else the body. */
function requestOf({ method, path }: Operation, input: object): HttpCall {
  const rest = new Map<string, unknown>(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = String(rest.get(name));
    rest.delete(name);
    return encodeURIComponent(value);
  });
  if (method !== 'GET' && method !== 'DELETE') return { method, path: filled, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams([...rest].map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { method, path: query === '' ? filled : `${filled}?${query}`, body: undefined };
}

function answerOf(url: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CliError('unreachable', `What answers at ${url} is not Talaria.`);
  }
}

/** A command that was sent and not answered may have been done; a connection that never stood did nothing. */
function failureOf(url: string, error: unknown, idempotencyKey: string | undefined): CliError {
  const reason = reasonOf(error);
  const untouched = reason === 'ECONNREFUSED' || reason === 'ENOTFOUND' || reason === 'EAI_AGAIN';
  if (idempotencyKey === undefined || untouched) return new CliError('unreachable', `There is no answer from ${url} (${reason}).`);
  return new CliError(
    'outcome_unknown',
    `There is no answer from ${url} (${reason}), so it is not known whether it was done.`,
    `Repeat it with --idempotency-key ${idempotencyKey}: it is done once at most.`,
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'time is up';
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
