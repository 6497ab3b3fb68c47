import { ProtocolError } from '@talaria/protocol';
import type { HttpRequest } from '../runtime/http-message.js';
import { readBody } from './body.js';
import { readQuery } from './query.js';
import type { OperationRoute } from './routes.js';

/**
 * An operation's input: path, and query or body. Its schema is checked where it is executed; here nothing may be said
 * twice, and nothing may stand where nobody reads it.
 *
 * @throws ProtocolError invalid_argument, unsupported_media_type
 */
export function readInput(route: OperationRoute, request: HttpRequest, parameters: readonly (readonly [string, string])[], params: Readonly<Record<string, string>>): Record<string, unknown> {
  const fields = route.query ? readQuery(parameters, route.query) : readBody(request);
  if (route.query && request.body.length > 0) throw new ProtocolError('invalid_argument', `${route.operation.method} takes no body. Put the fields into the query.`);
  if (!route.query && parameters.length > 0) throw new ProtocolError('invalid_argument', 'This takes no query. Put the fields into the body.');
  for (const name of route.pathFields) {
    if (Object.hasOwn(fields, name)) throw new ProtocolError('invalid_argument', `${name} stands in the path already.`, { field: name });
  }
  return { ...fields, ...params };
}
