import { afterEach, expect, it } from 'vitest';
import type { Socket } from '../../src/gateway/transport-port.js';
import { startWorld, type World } from './world.js';

let world: World;
afterEach(() => world.stop());

for (const transport of ['uws', 'ws'] as const) {
  it(`[FLW1] a stalled reader keeps its connection, costs bounded memory, and then sees everything (${transport})`, async () => {
    const marks = { high_water_bytes: 65_536, low_water_bytes: 16_384, flow_sweep_ms: 5 };
    const sockets: Socket[] = [];
    let mostBuffered = 0;
    world = await startWorld({ transport, gatewayBounds: marks, onSocket: (socket) => void sockets.push(socket) });
    const app = await world.app();
    const [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
    const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id] });
    const [a, slow, quick] = [await world.client(app, alice.token), await world.client(app, bob.token), await world.client(app, bob.token)];
    slow.ws.pause();
    const text = 'x'.repeat(8_000);
    const count = 1_500;
    // Far more than the kernel's buffers and the mark together.
    for (let index = 0; index < count; index += 1) {
      a.post(group, `${index} ${text}`);
      if (index % 10 === 9) await a.until(() => a.all('ack').length === index + 1);
      mostBuffered = Math.max(mostBuffered, ...sockets.map((socket) => socket.buffered()));
    }
    await quick.until(() => quick.texts(group).length === count);
    expect(slow.closed).toBeUndefined();
    // The mark, one page of a catch-up, and what may be published until the sweep looks: far below the 12 MB that were sent.
    expect(mostBuffered).toBeGreaterThan(marks.high_water_bytes);
    expect(mostBuffered).toBeLessThan(marks.high_water_bytes + 1_000_000);
    slow.ws.resume();
    await slow.until(() => slow.texts(group).length === count);
    expect(slow.closed).toBeUndefined();
    expect(slow.texts(group).map((one) => Number(one.split(' ')[0]))).toEqual(Array.from({ length: count }, (_, index) => index));
    await a.say(group, 'live again');
    await slow.until(() => slow.texts(group).at(-1) === 'live again');
  }, 90_000);
}
