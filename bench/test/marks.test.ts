import { expect, it } from 'vitest';
import type { Link } from '../src/drivers/driver.js';
import { runMarks, type MarksOrder } from '../src/loads/marks.js';

const order: MarksOrder = { kind: 'marks', members: 3, in_flight: 2, from_seq: 10, messages: 1_000_000, settle_ms: 40, warm_ms: 0, run_ms: 20 };
const link = (mark?: Link['mark']): Link => ({
  acked: undefined, delivered: undefined, greeted: undefined, lost: undefined, send: () => undefined, cut: () => undefined, connect: () => Promise.resolve(), ...(mark && { mark }),
});

/** A room that tells its followers of each mark, but for those that are lost. */
function room(lost: (seen: number, follower: number) => boolean = () => false) {
  const marks: (readonly [member: number, seq: number])[] = [];
  const followers = [link(), link()];
  const movers = Array.from({ length: order.members }, (_, member) => link((_room, seq) => {
    const seen = marks.push([member, seq]);
    setImmediate(() => {
      for (const [at, follower] of followers.entries()) if (!lost(seen, at)) follower.marked?.(70);
    });
  }));
  return { marks, links: [...movers, ...followers] };
}

it('moves the marks of all members in turn, each by one', async () => {
  const { marks, links } = room();
  const found = await runMarks(links, order, () => undefined);
  expect(marks.slice(0, 7)).toEqual([[0, 11], [1, 11], [2, 11], [0, 12], [1, 12], [2, 12], [0, 13]]);
  expect(found).toMatchObject({ sent: marks.length, told: marks.length, told_least: marks.length, told_bytes: marks.length * 70 });
  expect(found.done).toBeGreaterThan(0);
});

it('sends no more than may be in flight while nobody is told', async () => {
  const { marks, links } = room((_seen, follower) => follower === 0);
  expect(await runMarks(links, order, () => undefined)).toMatchObject({ sent: order.in_flight, told: 0, told_bytes: 0, told_least: 0, done: 0 });
  expect(marks).toHaveLength(order.in_flight);
});

it('counts what one of the followers was not told', async () => {
  const { marks, links } = room((seen, follower) => follower === 1 && seen % 2 === 1);
  expect(await runMarks(links, order, () => undefined)).toMatchObject({ sent: marks.length, told: marks.length, told_least: Math.floor(marks.length / 2) });
});

it('does not move marks beyond the messages', async () => {
  const { links } = room();
  await expect(runMarks(links, { ...order, in_flight: 3, messages: 0 }, () => undefined)).rejects.toThrow('end of 0 messages');
});
