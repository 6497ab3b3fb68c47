import { expect } from 'vitest';
import type { RawClient } from '../../gateway/raw-client.js';
import type { Tell, Who } from './tell.js';

export interface Watched {
  readonly operator: Who;
  readonly backend: Who;
  readonly app: string;
  readonly user: string;
  readonly group: string;
  readonly message: string;
  /** Of the user. */
  readonly socket: RawClient;
}

/** What who runs the installation sees of it, and does about it. */
export async function tellOfInsight(tell: Tell, { operator, backend, app, user, group, message, socket }: Watched): Promise<void> {
  expect((await tell(operator, 'settings.list', {})).items).toEqual([]);
  expect(await tell(operator, 'stats.get', { minutes: 60 })).toMatchObject({ step_s: 10, missing_nodes: [] });
  expect((await tell(operator, 'consumers.list', {})).items.map(({ name }) => name)).toEqual(expect.arrayContaining(['due', 'search']));
  expect((await tell(operator, 'incidents.list', {})).items).toEqual([]);

  const listed = await tell(backend, 'connections.list', { user_id: 'ext:alice' });
  expect(listed.items).toMatchObject([{ app_id: app, user_id: user, device_id: 'd', agent: 'test', address: '127.0.0.1', form: 'binary', slow: false, behind: 0, pong_ms: null }]);
  const { id } = listed.items[0]!;
  expect(await tell(operator, 'connections.list', { app_id: app })).toEqual(listed);
  expect((await tell(backend, 'connections.get', { connection_id: id })).streams.map(({ stream, state }) => [stream, state])).toEqual(expect.arrayContaining([[user, 'live'], [group, 'live']]));

  expect((await tell(backend, 'traces.get', { message_id: message }))).toMatchObject({ message_id: message, conversation_id: group, sender_id: user, recorded: false, steps: [], writes: [] });
  await tell(backend, 'traces.start', { conversation_id: group, for_s: 60 });
  expect((await tell(operator, 'traces.list', {})).items).toMatchObject([{ app_id: app, conversation_id: group, running: true }]);
  expect(await tell(backend, 'traces.stop', { conversation_id: group })).toEqual({ stopped: true, missing_nodes: [] });

  expect(await tell(operator, 'connections.close', { connection_id: id, reason: 'asked for' })).toEqual({});
  expect(await socket.end()).toEqual({ code: 4512, reason: 'disconnected' });
  expect((await tell(operator, 'logs.list', { event: 'connection.', app_id: app })).items).toMatchObject([{ level: 'info', event: 'connection.dismissed', fields: { connection: id, user, reason: 'asked for' } }]);
}
