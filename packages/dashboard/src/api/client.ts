/** Asks the server, in the operator's session: what may be asked for, and how it looks, is generated from the operation table. */
import { Refusal, refusalOf } from './refusal.js';
import { routes, type OperationTypes } from './generated/operations.js';

export type OperationId = keyof OperationTypes;
export type Input<Id extends OperationId> = OperationTypes[Id]['input'];
export type Output<Id extends OperationId> = OperationTypes[Id]['output'];

export interface AskOptions {
  /** The id of the app that the operator acts for. */
  readonly app?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws Refusal what the server refuses; `unreachable` without an answer; what aborted it */
export type Ask = <Id extends OperationId>(id: Id, input: Input<Id>, options?: AskOptions) => Promise<Output<Id>>;

export interface AskParts {
  readonly fetch: typeof globalThis.fetch;
  /** Of the session; empty before there is one. */
  readonly csrfToken: () => string;
  /** Called when the session turns out to have ended. */
  readonly onEnded: () => void;
}

const ANSWER_MS_MAX = 30_000;
const ENTRIES: ReadonlySet<string> = new Set<OperationId>(['session.create', 'session.link', 'session.accept']);

export function createAsk({ fetch, csrfToken, onEnded }: AskParts): Ask {
  return async (id, input, { app, signal } = {}) => {
    const request = requestOf(id, input);
    const headers: Record<string, string> = { accept: 'application/json', ...(request.body !== undefined && { 'content-type': 'application/json' }) };
    if (request.method !== 'GET' && csrfToken() !== '') headers['talaria-csrf'] = csrfToken();
    if (app !== undefined) headers['talaria-act-for'] = app;
    const timeout = AbortSignal.timeout(ANSWER_MS_MAX);
    let status: number;
    let requestId: string;
    let text: string;
    try {
      const response = await fetch(request.path, { method: request.method, headers, body: request.body ?? null, redirect: 'error', signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
      status = response.status;
      requestId = response.headers.get('talaria-request-id') ?? '';
      text = await response.text();
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      throw new Refusal('unreachable', 'The server does not answer.', { status: 0, remediation: 'Check that it runs, and that you are connected to it. Then try again.' });
    }
    if (status < 200 || status > 299) {
      const refusal = refusalOf(status, text, requestId);
      if (refusal.sessionEnded && !ENTRIES.has(id)) onEnded();
      throw refusal;
    }
    // What the schema of this very operation has made.
    return (text === '' ? undefined : JSON.parse(text)) as Output<typeof id>;
  };
}

export interface PlacedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

/** Fields named in the path stand there; of GET and DELETE the rest is the query, else the body. */
export function requestOf<Id extends OperationId>(id: Id, input: Input<Id>): PlacedRequest {
  const [method, template] = routes[id];
  const rest = new Map<string, unknown>(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest.get(name);
    // An empty or dotted part would be another path.
    if (typeof value !== 'string' || /^\.{0,2}$/.test(value)) throw new Refusal('invalid_argument', `${name} is missing.`, { status: 0, field: name });
    rest.delete(name);
    return encodeURIComponent(value);
  });
  if (method !== 'GET' && method !== 'DELETE') return { method, path, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)])).toString();
  return { method, path: query === '' ? path : `${path}?${query}`, body: undefined };
}
