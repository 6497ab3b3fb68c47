/** A browser of an operator: it keeps the cookie and the token of its session, and says of itself what browsers say. */
import type { OperationId, OperationOutput, OperatorRole } from '@talaria/protocol/operations';
import { expect } from 'vitest';
import { expectOk, jsonOf, type Reply } from './reply.js';
import { placed, type Ask, type Input, type Stage } from './stage.js';
import { operations } from '@talaria/protocol/operations';

export const PASSWORD = 'correct horse battery';

export interface Browser {
  readonly cookie: string | undefined;
  readonly csrf: string | undefined;
  /** Asks with what it has; headers that are given stand in their place, and those that are empty are left out. */
  ask(method: string, path: string, ask?: Ask): Promise<Reply>;
  call(id: OperationId, input?: Input, ask?: Ask): Promise<Reply>;
  done<Id extends OperationId>(id: Id, input?: Input, ask?: Ask): Promise<OperationOutput<Id>>;
  /** The same browser, whose requests are of an app. */
  actingFor(app: string): Browser;
  readonly id: string;
  readonly sessionId: string;
}

/** What an answer has the browser keep: undefined when it says nothing, empty when the cookie is to go. */
export function cookieIn(reply: Reply): string | undefined {
  const [text, ...more] = reply.headers.getSetCookie();
  expect(more).toEqual([]);
  if (text === undefined) return undefined;
  const [pair = '', ...attributes] = text.split('; ');
  expect(attributes).toContain('HttpOnly');
  return attributes.includes('Max-Age=0') ? '' : pair;
}

export function openBrowser(stage: Stage): Browser {
  let cookie: string | undefined;
  let csrf: string | undefined;
  let signedIn: OperationOutput<'session.get'> | undefined;

  async function ask(method: string, path: string, { headers = {}, ...rest }: Ask = {}): Promise<Reply> {
    const write = method !== 'GET';
    const own: Record<string, string> = {
      'sec-fetch-site': 'same-origin', ...(cookie && { cookie }), ...(write && { origin: stage.world.server.url }), ...(write && csrf !== undefined && { 'talaria-csrf': csrf }),
      ...(write && method !== 'DELETE' && { 'content-type': 'application/json' }), ...headers,
    };
    const reply = await stage.ask(method, path, { headers: Object.fromEntries(Object.entries(own).filter(([, value]) => value !== '')), ...rest });
    const kept = cookieIn(reply);
    if (kept !== undefined) cookie = kept === '' ? undefined : kept;
    if (reply.status === 200 && path.startsWith('/v1/session') && reply.text.includes('"csrf_token"')) {
      signedIn = jsonOf<OperationOutput<'session.get'>>(reply);
      csrf = signedIn.csrf_token;
    }
    return reply;
  }

  const asking = (headers: Readonly<Record<string, string>>): Browser => ({
    get cookie() {
      return cookie;
    },
    get csrf() {
      return csrf;
    },
    get id() {
      return signedIn!.operator.id;
    },
    get sessionId() {
      return signedIn!.session_id;
    },
    ask: (method, path, given = {}) => ask(method, path, { ...given, headers: { ...headers, ...given.headers } }),
    call(id, input = {}, given = {}) {
      const { path, body } = placed(id, input);
      return ask(operations[id].method, path, { ...given, headers: { ...headers, ...given.headers }, ...(body && { body }) });
    },
    async done(id, input, given) {
      return jsonOf<OperationOutput<typeof id>>(expectOk(await this.call(id, input, given)));
    },
    actingFor: (app) => asking({ ...headers, 'talaria-act-for': app }),
  });
  return asking({});
}

/** The secret of a link, from the path that tells it. */
export const secretOf = (path: string): string => path.slice('/dashboard/#link='.length);

let names = 0;

/** An operator of a role who is signed in. */
export async function signedIn(stage: Stage, role: OperatorRole): Promise<Browser> {
  const { path } = await stage.done('operators.invite', { role }, { as: stage.adminKey });
  const browser = openBrowser(stage);
  await browser.done('session.accept', { link: secretOf(path), login: `${role}-${names += 1}@example.com`, name: role, password: PASSWORD });
  return browser;
}
