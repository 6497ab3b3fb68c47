/** Signals that are larger than they may be. */
import { afterEach, expect, it } from 'vitest';
import { live } from '../../src/live/index.js';
import { setStage, until, type Stage } from '../client/stage.js';

let stage: Stage;
afterEach(() => stage.stop());

it('a signal that is too large is refused here, and the connection stands', async () => {
  stage = await setStage();
  const [alice, bob] = [stage.client('alice'), stage.client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
  const room = await alice.conversations.create({ name: 'room', members: ['ext:bob'] });
  const heard: number[] = [];
  bob.on('signal', ({ data }) => void heard.push(JSON.stringify(data).length));
  const here = live(alice);
  const tooLarge = expect.objectContaining({ code: 'too_large' }) as Error;
  const sized = (bytes: number): object => ({ text: 'x'.repeat(bytes - 11) });
  for (const data of [sized(4_097), { text: 'é'.repeat(2_049) }]) {
    expect(() => room.signal('note', data)).toThrow(tooLarge);
    expect(() => here.signal(bob.userId, 'note', data)).toThrow(tooLarge);
  }
  expect(() => room.signal('n'.repeat(200))).toThrow(tooLarge);
  await room.send('hello').sent;
  await until(() => {
    room.signal('note', sized(4_096));
    return heard.length > 0;
  });
  expect([heard[0], alice.status.state]).toEqual([4_096, 'connected']);
});
