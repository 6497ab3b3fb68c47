/** The API's description (OpenAPI 3.1), made from the operation table. */
import { errorCodes, errorInfo, limits } from '@talaria/protocol';
import { operationIds, operations, scopes, type JsonSchema, type Operation, type OperationId } from '@talaria/protocol/operations';
import { createSchemas } from './json-schema.js';
import { OAUTH_TOKEN_PATH } from './oauth-token.js';
import { pathFieldsOf, takesBody } from './routes.js';

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiOperation {
  readonly operationId: OperationId;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string; readonly license: { readonly name: string; readonly identifier: string } };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly securitySchemes: Readonly<Record<string, unknown>>; readonly responses: Readonly<Record<string, unknown>> };
}

const DESCRIPTION = `For backends and tools; apps use the SDK over a socket. Send \`Authorization: Bearer\` with a key of the app, an admin key or a user token: \
the app comes from it. Commands take an \`Idempotency-Key\`: the same key with the same request is done once, and answered again, for ${limits.command_key_days} days \
after the fact is gone. Refusals are problem documents with a stable \`code\`; \`retryable\` says whether the same request can succeed later.`;

/** @param version of the server */
export function openApi(version: string): OpenApiDocument {
  const schemas = createSchemas();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const id of operationIds) {
    const operation: Operation = operations[id];
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(id, operation, schemas.input(operation), schemas.output(operation)) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Talaria', version, description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    tags: [...new Set(operationIds.map((id) => operations[id].tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemas.components, Problem: PROBLEM },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key `tk_…`, for backends. It has scopes, and belongs to one app, or to the installation.' },
        oauth: {
          type: 'oauth2', description: 'A token that acts as a key for an hour: `client_id` is the id of the key, `client_secret` the whole key. Refusals there are as RFC 6749 has them.',
          flows: { clientCredentials: { tokenUrl: OAUTH_TOKEN_PATH, scopes: SCOPES } },
        },
        session: {
          type: 'apiKey', in: 'cookie', name: 'talaria_session',
          description: 'Of an operator, for pages of this server; over TLS its name begins with `__Host-`. Roles say what it allows. With the header `Talaria-Act-For` and the id of an app it stands for a backend of that app; what is no GET needs the header `Talaria-Csrf`.',
        },
        user_token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: "A user's token, for what users may do themselves." },
      },
      responses: { Problem: { description: 'A refusal.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } } },
    },
  };
}

function describe(id: OperationId, operation: Operation, input: JsonSchema, output: JsonSchema): OpenApiOperation {
  const inPath = new Set(pathFieldsOf(operation.path));
  const required = new Set(input.required);
  const fields = Object.entries(input.properties ?? {});
  const body = takesBody(operation);
  const parameters = fields.filter(([name]) => inPath.has(name) || !body).map(([name, schema]) => parameter(name, schema, inPath.has(name), required.has(name)));
  const rest = fields.filter(([name]) => !inPath.has(name));
  const needed = rest.filter(([name]) => required.has(name)).map(([name]) => name);
  return {
    operationId: id, summary: operation.summary, tags: [operation.tag], description: whoMayCall(operation),
    security: securityOf(id, operation),
    parameters: [...parameters, ...(operation.public ? [APP] : []), ...(operation.command ? [IDEMPOTENCY_KEY] : []), ...(operation.eventual ? [CONSISTENCY] : [])],
    ...(body && rest.length > 0 && {
      requestBody: {
        required: needed.length > 0,
        content: { 'application/json': { schema: { type: 'object', properties: Object.fromEntries(rest), ...(needed.length > 0 && { required: needed }), additionalProperties: false } } },
      },
    }),
    responses: { 200: { description: 'Done.', ...(operation.eventual && { headers: LAG }), content: { 'application/json': { schema: output } } }, default: { $ref: '#/components/responses/Problem' } },
  };
}

function parameter(name: string, schema: JsonSchema, inPath: boolean, required: boolean): OpenApiParameter {
  const { description, ...rest } = schema;
  return { name, in: inPath ? 'path' : 'query', required: inPath || required, ...(description !== undefined && { description }), schema: rest };
}

/** A cookie does wherever a key does. What begins a session has none yet. */
function securityOf(id: OperationId, { scope, user }: Operation): OpenApiOperation['security'] {
  if (scope !== null) return [{ key: [scope] }, ...(user ? [{ user_token: [] }] : []), { session: [] }];
  return id === 'session.get' || id === 'session.delete' ? [{ session: [] }] : [];
}

const whoMayCall = ({ scope, user, cookie }: Operation): string => cookie ? 'For pages of this server.' : scope === null ? 'Needs no credential, and an app that has switched its identity on.' : `Needs a key with the scope \`${scope}\`${user ? ', or a user token.' : '.'}`;

/** What each allows, in a word. */
const SCOPES = Object.fromEntries(scopes.map((scope) => [scope, scope === 'admin' ? 'The whole installation' : scope.split(':').toReversed().join(' ')]));

const APP: OpenApiParameter = {
  name: 'Talaria-App', in: 'header', required: true, description: 'The public key of the app.', schema: { type: 'string', minLength: 1, maxLength: 64 },
};

const IDEMPOTENCY_KEY: OpenApiParameter = {
  name: 'Idempotency-Key', in: 'header', required: false,
  description: 'By this the server knows the command again. Without one it makes one, and the answer names it.',
  schema: { type: 'string', minLength: 1, maxLength: limits.client_id_chars_max },
};

const CONSISTENCY: OpenApiParameter = {
  name: 'Talaria-Consistency', in: 'header', required: false,
  description: 'With a key: `eventual` lets a replica answer, which may be a little behind. Default `strong`.',
  schema: { type: 'string', enum: ['strong', 'eventual'] },
};

const LAG = { 'Talaria-Lag-Ms': { description: 'A replica has answered: what it says is at most so old.', schema: { type: 'integer', minimum: 0 } } };

const PROBLEM: JsonSchema = {
  type: 'object', description: 'A refusal (RFC 9457).', additionalProperties: false,
  required: ['type', 'title', 'status', 'code', 'detail', 'retryable', 'remediation', 'request_id'],
  properties: {
    type: { type: 'string', description: '`urn:talaria:error:` and the code.' },
    title: { type: 'string' },
    status: { type: 'integer', enum: [...new Set(errorCodes.map((code) => errorInfo(code).status))].sort((left, right) => left - right) },
    code: { type: 'string', enum: errorCodes, description: 'The stable part: it does not change from version to version.' },
    detail: { type: 'string', description: 'What is wrong here.' },
    retryable: { type: 'boolean', description: 'Whether the same request can succeed later.' },
    remediation: { type: 'string', description: 'What to do about it.' },
    request_id: { type: 'string', description: 'Also in the header Talaria-Request-Id and in the server\'s log.' },
    field: { type: 'string', description: 'The field that is wrong, in dotted form.' },
    retry_after_ms: { type: 'integer', description: 'When a retry makes sense, in milliseconds from now.' },
  },
};
