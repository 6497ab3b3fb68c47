// docs/reference: pages made from the tables of the protocol package.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const DIST = 'packages/protocol/dist';
const banner = (source) => `<!-- Generated from ${source} by \`npm run generate\`. Do not edit. -->\n`;
const table = (head, rows) => [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n');

/** @returns texts by path; none when the protocol package is not built */
export async function referencePages(root) {
  if (!existsSync(join(root, DIST))) return {};
  const load = (file) => import(pathToFileURL(join(root, DIST, file)).href);
  const [{ errorCodes, errorInfo, limits, actions, roles, may, permissionTable }, { operations, operatorTable, operatorRoles, operatorConditions }] = await Promise.all([load('index.js'), load('operations/index.js')]);
  return {
    'docs/reference/errors.md': errorsPage(errorCodes, errorInfo),
    'docs/reference/limits.md': limitsPage(limits),
    'docs/reference/permissions.md': permissionsPage(actions, roles, may, permissionTable) + operatorsPart(operations, operatorTable, operatorRoles, operatorConditions),
    'docs/reference/http.md': httpPage(operations),
  };
}

function errorsPage(codes, info) {
  return [
    banner('packages/protocol/src/errors.ts'),
    '# Errors\n',
    'Every refusal has one of these codes: over the socket, over HTTP as a problem document, and in the SDK as `TalariaError`. A code does not change. **Retry** says whether the same request can succeed later. **Close** is the close code of a connection that the error ends: from 4000 to 4499 it makes no sense to come back with the same credentials, from 4500 on it does.\n',
    table(['Code', 'HTTP', 'Retry', 'Close', 'Meaning', 'What to do'], codes.map((code) => {
      const { status, retryable, close, text, remedy } = info(code);
      return [`\`${code}\``, status, retryable ? 'yes' : 'no', close ?? '', text, remedy];
    })),
    "The SDK adds codes of its own, for what happens before or without an answer of the server; they are listed with `TalariaError`.\n",
  ].join('\n');
}

function limitsPage(limits) {
  return [
    banner('packages/protocol/src/limits.ts'),
    '# Limits\n',
    'Bounds of the protocol. Names end in their unit; `_max` is the largest allowed value. What is larger is refused, never cut. Rates are settings of the server: see [configuration](configuration.md).\n',
    table(['Limit', 'Value'], Object.entries(limits).map(([name, value]) => [`\`${name}\``, value.toLocaleString('en')])),
  ].join('\n');
}

function permissionsPage(actions, roles, may, permissionTable) {
  const user = { kind: 'user', userId: 'u' };
  const mark = (role, action, kind) => (may(user, action, { role, active: true }, { kind }) ? 'yes' : '');
  return [
    banner('packages/protocol/src/permissions.ts'),
    '# Permissions\n',
    'What a member may do, by role in a group or channel, and in a direct conversation, where both sides are equal. A former member still reads the interval of the membership. A backend may do what the scopes of its key say.\n',
    'Whoever joins a group is a `member`, whoever joins a channel a `reader`. A conversation may define roles of its own: each is `like` one of these, ranks like it, and names what it `may` or `may_not` do beside that (`conversations.settings`).\n',
    table(['Action', ...roles, 'direct', ''], actions.map((action) =>
      [`\`${action}\``, ...roles.map((role) => mark(role, action, 'group')), mark('member', action, 'direct'), permissionTable[action].text])),
  ].join('\n');
}

function operatorsPart(operations, operatorTable, operatorRoles, operatorConditions) {
  return [
    '',
    '## Operators\n',
    'What those who run the installation may ask for, by their role: see [operators](../operators.md). In an app they are a backend of it, with these operations and no others. A key is not an operator: it may what its scopes say.\n',
    table(['Operation', 'Scope', ...operatorRoles, ''], operatorTable.map(({ id, roles }) =>
      [`\`${id}\``, `\`${operations[id].scope}\``, ...operatorRoles.map((role) => (roles.includes(role) ? 'yes' : '')), operatorConditions[id] ?? ''])),
  ].join('\n');
}

function httpPage(operations) {
  const tags = [...new Set(Object.values(operations).map(({ tag }) => tag))];
  const section = (tag) => [
    `## ${tag[0].toUpperCase()}${tag.slice(1)}\n`,
    table(['Route', 'Operation', 'Scope', 'Users', ''], Object.entries(operations).filter(([, operation]) => operation.tag === tag)
      .map(([id, { method, path, scope, cookie, user, summary }]) => [`\`${method} ${path}\``, `\`${id}\``, cookie ? 'cookie' : scope === null ? 'public' : `\`${scope}\``, user ? 'yes' : '', summary])),
  ].join('\n');
  return [
    banner('packages/protocol/src/operations'),
    '# HTTP\n',
    "Every operation stands once in one table: HTTP, the socket's `call`, the admin client and the CLI follow from it. A running server describes fields and answers at `/docs/api`, and as OpenAPI 3.1 at `/openapi.json`.\n",
    'What they do, with samples that run: [users](../users.md), [conversations](../conversations.md), [joining](../joining.md), [messages](../messages.md), [waiting](../waiting.md), [receipts](../receipts.md), [live](../live.md), [calls](../calls.md), [search](../search.md), [identity](../identity.md).\n',
    '**Who asks.** `Authorization: Bearer` with a key of an app, an admin key or a user token. The app comes from it. **Users** says whether a user token will do. The dashboard asks with a cookie: see [operators](../operators.md).\n',
    '**Commands** take an `Idempotency-Key`. The same key with the same request is done once. Without one the server makes one and names it in the answer.\n',
    '**Replica.** A backend that sends `Talaria-Consistency: eventual` lets a replica answer, where the server has one: ' + Object.entries(operations).filter(([, { eventual }]) => eventual).map(([id]) => `\`${id}\``).join(', ') + '. `Talaria-Lag-Ms` then says how old the answer is at most. Everything else, and everything for users, comes from the database itself: see [Postgres](../postgres.md).\n',
    '**Refusals** are problem documents (RFC 9457) with a stable `code`: see [errors](errors.md). Every answer has a `Talaria-Request-Id`.\n',
    ...tags.map(section),
    '## Pages\n',
    table(['Route', ''], [
      ['`GET /livez`', 'The process runs.'],
      ['`GET /readyz`', '200 when the server can serve, 503 when it cannot: the storage takes no writes, or it is being stopped.'],
      ['`GET /metrics`', 'For Prometheus: see [metrics](metrics.md). From the same machine without a key, else with an admin key, or by an operator.'],
      ['`GET /openapi.json`', 'OpenAPI 3.1.'],
      ['`GET /docs/api`', 'The same as a page.'],
      ['`GET /docs/`', 'This documentation. `/` and `/docs` lead here; without a built site, to `/docs/api`.'],
      ['`GET /llms.txt`, `GET /llms-full.txt`', 'This documentation for language models: an index, and all of it.'],
      ['`GET /v1/socket/{app_public_key}`', 'The socket, for the SDK. Subprotocols `talaria.v1` and `talaria.v1.json`.'],
    ]),
  ].join('\n');
}
