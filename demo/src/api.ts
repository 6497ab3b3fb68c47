/** The server's HTTP interface, as any backend would call it. */

/** A refusal of the server. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(readonly status: number, readonly code: string, text: string) {
    super(text);
  }
}

export interface Api {
  /** @throws ApiError what the server refuses */
  call<Output>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Output>;
}

const TIMEOUT_MS = 10_000;

/** @param url where the server is at the moment @param credential a key, or a user's token */
export function createApi(url: () => string, credential: string): Api {
  return {
    async call<Output>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Output> {
      const response = await fetch(new URL(path, url()), {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${credential}`,
          ...(method === 'GET' ? {} : { 'idempotency-key': crypto.randomUUID() }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw refusal(`${method} ${path}`, response.status, text);
      return JSON.parse(text) as Output;
    },
  };
}

function refusal(what: string, status: number, text: string): ApiError {
  const problem = readProblem(text);
  return new ApiError(status, problem.code ?? '', `${what}: ${status} ${problem.code ?? ''} ${problem.detail ?? ''}`.trimEnd());
}

function readProblem(text: string): { readonly code?: string; readonly detail?: string } {
  try {
    return JSON.parse(text) as { code?: string; detail?: string };
  } catch {
    return {};
  }
}
