/** SND4: what fails before the storage sees it keeps its place in the lane while it may come again, and not longer. */
import { createUuid7, ProtocolError, uuidText } from '@talaria/protocol';
import { randomFillSync } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { createPair } from './pair.js';
import { startWorld, type World } from './world.js';

let world: World;
afterEach(() => world.stop());

const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

it('[SND4] a command that is refused finally, after it had blocked its lane, lets go what stands behind it', async () => {
  world = await startWorld();
  const { app, alice, group } = await createPair(world);
  const client = await world.client(app, alice.token);
  const [first, second] = [uuidText(newUuid()), uuidText(newUuid())];
  const add = (): void => client.up({ call: { id: 1, op: 'members.add', client_id: first, json: JSON.stringify({ conversation_id: group, member_ids: ['ext:nobody'] }) } });
  // Whom it names could not be looked up.
  vi.spyOn(world.server.domain.storage, 'userByExternalId').mockRejectedValueOnce(new ProtocolError('unavailable'));
  add();
  expect((await client.next('refusal')).refusal).toMatchObject({ client_id: first, code: 'unavailable', retryable: true });
  client.post(group, 'behind it', second);
  expect((await client.next('refusal', 2)).refusal).toMatchObject({ client_id: second, code: 'predecessor_refused', retryable: true });

  add();
  expect((await client.next('refusal', 3)).refusal).toMatchObject({ client_id: first, code: 'not_found', retryable: false });
  client.post(group, 'behind it', second);
  expect((await client.next('ack')).ack).toMatchObject({ client_id: second, duplicate: false });
});
