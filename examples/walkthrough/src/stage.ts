/** What every chapter needs: an app of its own, its backend, and people who are connected. */
import { connect, type Client } from '@talaria/sdk';
import { connectAdmin, type Admin } from '@talaria/sdk/admin';
import { commandLine, type Cli, type Server } from './server.js';
import type { Story } from './story.js';

export interface Stage {
  readonly story: Story;
  readonly url: string;
  /** The app's public key: it may be known to everybody. */
  readonly app: string;
  readonly appId: string;
  /** The app's key: for backends only. */
  readonly key: string;
  readonly keyId: string;
  /** What the app's backend does, with that key. */
  readonly backend: Admin;
  /** A key of the installation: reads the server's metrics. */
  readonly adminKey: string;
  readonly cli: Cli;
  readonly alice: Client;
  readonly bob: Client;
  readonly carol: Client;
  readonly dave: Client;
  /** Connects a user on another device. The token comes from the backend. */
  enter(name: string, device?: string): Promise<Client>;
  /** Closes all clients, and removes the app. */
  leave(): Promise<void>;
}

/** As the command line prints them. */
interface NewTenant {
  readonly id: string;
}
interface NewApp {
  readonly id: string;
  readonly public_key: string;
  readonly key: { readonly id: string; readonly secret: string };
}

export async function setStage(story: Story, server: Server): Promise<Stage> {
  const { url, adminKey } = server;
  const cli = commandLine(server);
  const tenant = await cli(['tenant', 'create', 'walkthrough']) as NewTenant;
  const { id: appId, public_key: app, key } = await cli(['app', 'create', 'walkthrough', '--tenant', tenant.id, '--with-key']) as NewApp;
  const backend = noting(connectAdmin({ url, key: key.secret }), story);
  const clients: Client[] = [];
  const enter = async (name: string, device?: string): Promise<Client> => {
    const token = async (): Promise<string> => (await backend.auth.token({ external_id: name, ...(device !== undefined && { device_id: device }) })).token;
    const client = notingClient(connect({ url, app, token }), story);
    clients.push(client);
    await client.ready();
    return client;
  };
  const [alice, bob, carol, dave] = await Promise.all([enter('alice'), enter('bob'), enter('carol'), enter('dave')]);
  return {
    story, url, app, appId, key: key.secret, keyId: key.id, backend, adminKey, cli, alice, bob, carol, dave, enter,
    async leave() {
      await Promise.all(clients.map((client) => client.close()));
      await cli(['tenant', 'suspend', tenant.id]);
      await cli(['tenant', 'delete', tenant.id, '--yes']);
    },
  };
}

/** The same backend, whose operations the story counts once they are answered. */
export function noting(admin: Admin, { operations }: Story): Admin {
  const groups = Object.entries(admin).map(([group, methods]) => {
    const counted = Object.entries(methods as Record<string, (...words: unknown[]) => Promise<unknown>>).map(([name, method]) => [name, async (...words: unknown[]) => {
      const output = await method(...words);
      operations.add(`${group}.${name}`);
      return output;
    }] as const);
    return [group, Object.fromEntries(counted)] as const;
  });
  // The same groups and methods.
  return Object.fromEntries(groups) as unknown as Admin;
}

function notingClient(client: Client, { operations }: Story): Client {
  const call = client.call.bind(client);
  client.call = async (op, input, options) => {
    const output = await call(op, input, options);
    operations.add(op);
    return output;
  };
  client.on('committed', ({ command }) => operations.add(command.kind === 'send' ? 'messages.send' : command.op));
  return client;
}

/** For `@talaria/sdk/identity`, which asks over HTTP. */
export function notingFetch({ operations }: Story): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    if (response.ok && path.startsWith('/v1/identity/')) operations.add(`identity.${path.slice('/v1/identity/'.length)}`);
    return response;
  };
}
