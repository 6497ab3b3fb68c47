/** Operators from the command line, and the way of the first one into the dashboard. */
import { operatorRoles, type OperationOutput } from '@talaria/protocol/operations';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failing, json, run, startServer, tempDirectory, type RunOptions, type Started } from './support/cli.js';

type Operator = OperationOutput<'operators.get'>;
interface Link { readonly operator_id: string; readonly url: string; readonly expires_ms: number }

const PASSWORD = 'correct horse battery';

interface Place { readonly server: Started; readonly admin: RunOptions }

async function place(data = join(tempDirectory(), 'talaria-data')): Promise<Place> {
  const server = await startServer(data);
  return { server, admin: { env: { TALARIA_URL: server.url, TALARIA_DATA: data } } };
}

/** As the dashboard does it. */
async function accept(server: Started, url: string, login?: string): Promise<Response> {
  return fetch(`${server.url}/v1/session/accept`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ link: url.split('#link=')[1], password: PASSWORD, ...(login === undefined ? {} : { login }) }) });
}

describe.concurrent('the start', { timeout: 60_000 }, () => {
  it('prints a way into the dashboard until there is an owner, and none from then on', async () => {
    const data = join(tempDirectory(), 'talaria-data');
    const first = await place(data);
    const link = first.server.screen['dashboard_link'] as string;
    expect(link.startsWith(`${first.server.url}/dashboard/#link=`)).toBe(true);
    await first.server.stop();
    // Nobody has used it: there is another one, and both are good.
    const second = await place(data);
    const another = second.server.screen['dashboard_link'] as string;
    expect(another.split('#')[1]).not.toBe(link.split('#')[1]);
    expect((await accept(second.server, link, 'ann@example.com')).status).toBe(200);
    expect((await accept(second.server, another, 'eve@example.com')).status).toBe(404);
    const { stdout, stderr } = await second.server.stop();
    expect(stderr + stdout.replace(another, '')).not.toContain(another.split('#link=')[1]);
    const third = await place(data);
    expect(third.server.screen['dashboard_link']).toBeNull();
    await third.server.stop();
  });
});

describe.concurrent('operator', { timeout: 60_000 }, () => {
  it('is invited, changed, disabled and deleted; links are for who has one of the roles', async () => {
    const { server, admin } = await place();
    try {
      const owner = await json<Link>(['dashboard', 'link'], admin);
      expect(owner.url.startsWith(`${server.url}/dashboard/#link=`)).toBe(true);
      expect((await accept(server, owner.url, 'ann@example.com')).status).toBe(200);
      const ben = await json<Link>(['operator', 'invite', '--role', 'viewer', '--name', 'Ben'], admin);
      expect((await accept(server, ben.url, 'ben@example.com')).status).toBe(200);
      expect(await json<Operator>(['operator', 'update', ben.operator_id, '--role', 'moderator'], admin)).toMatchObject({ name: 'Ben', login: 'ben@example.com', role: 'moderator', disabled: false });
      const sessions = await json<OperationOutput<'operators.sessions'>>(['operator', 'sessions', owner.operator_id], admin);
      expect(sessions.items).toHaveLength(1);
      await json(['operator', 'end-session', owner.operator_id, sessions.items[0]!.id], admin);
      expect((await json<OperationOutput<'operators.sessions'>>(['operator', 'sessions', owner.operator_id], admin)).items).toEqual([]);

      // Who has lost a password.
      for (const words of [['operator', 'link', ben.operator_id], ['dashboard', 'link', '--operator', ben.operator_id]]) {
        const lost = await json<Link>(words, admin);
        expect(lost.operator_id).toBe(ben.operator_id);
        expect((await accept(server, lost.url)).status).toBe(200);
      }
      expect(await json<Operator>(['operator', 'disable', ben.operator_id], admin)).toMatchObject({ disabled: true });
      expect((await failing(['operator', 'link', ben.operator_id], admin)).line).toContain('disabled');
      expect(await json<Operator>(['operator', 'update', ben.operator_id, '--disabled', 'false'], admin)).toMatchObject({ disabled: false });

      const { stdout } = await run(['operator', 'list'], admin);
      expect(stdout).toMatch(/^o_\w{26} +ann@example\.com +owner +active$/m);
      expect(stdout).toMatch(/^o_\w{26} +ben@example\.com +Ben +moderator +active$/m);
      expect((await failing(['operator', 'disable', owner.operator_id], admin)).line).toContain('last owner');
      expect((await failing(['operator', 'delete', owner.operator_id, '--yes'], admin)).line).toContain('last owner');
      await json(['operator', 'delete', ben.operator_id, '--yes'], admin);
      expect((await json<{ items: readonly Operator[] }>(['operator', 'list'], admin)).items.map(({ id }) => id)).toEqual([owner.operator_id]);
    } finally {
      await server.stop();
    }
  });

  it('has the roles that the protocol has, and says what is missing', async () => {
    const { line } = await failing(['operator', 'invite', '--role', 'king']);
    for (const role of operatorRoles) expect(line).toContain(role);
    expect((await failing(['operator', 'invite'])).line).toContain('--role');
    expect((await failing(['operator', 'update', 'o_06aqx7m4e5v2k8r0d1f3g5h7j8'])).line).toContain('Nothing is to be changed');
    expect((await failing(['dashboard', 'link', '--role', 'viewer', '--operator', 'o_06aqx7m4e5v2k8r0d1f3g5h7j8'])).line).toContain('--role or --operator');
  });
});
