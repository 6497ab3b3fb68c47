import { expect, it } from 'vitest';
import { MarkRegisters, type MarkPage, type VersionedMark } from '../src/mark-registers.js';

const ROOM = 'c_00000000000000000000000000';
const mark = (userId: string, readSeq: number, version: number, deliveredSeq = readSeq): VersionedMark => ({ conversationId: ROOM, userId, deliveredSeq, readSeq, version });

function registers(pages: readonly MarkPage[] = [], opened = true) {
  const asked: number[] = [];
  const moved: string[] = [];
  const left = [...pages];
  const one = new MarkRegisters({
    list(_conversation, after) {
      asked.push(after);
      const page = left.shift();
      return page ? Promise.resolve(page) : Promise.reject(new Error('the connection is gone'));
    },
    opened: () => opened,
    moved: ({ userId, deliveredSeq, readSeq }) => void moved.push(`${userId} ${deliveredSeq} ${readSeq}`),
  });
  return { one, asked, moved };
}
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

it('[CNT3] shows no mark that went back, and of two registers of one mark the larger of each', () => {
  const { one, moved } = registers();
  one.received(mark('ann', 5, 1));
  one.received(mark('ann', 3, 2));
  one.received(mark('ann', 4, 3, 9));
  one.received(mark('ben', 2, 4));
  expect(moved).toEqual(['ann 5 5', 'ann 9 5', 'ben 2 2']);
});

it('[ORD3,CNT3] asks for what moved while nobody heard, page by page, once', async () => {
  const { one, asked, moved } = registers([
    { marks: [mark('ann', 6, 4)], version: 6, more: true }, { marks: [mark('ben', 7, 6)], version: 6, more: false },
  ]);
  one.version(ROOM, 3);
  one.version(ROOM, 3);
  one.version(ROOM, 6);
  one.version(ROOM, 6);
  await settled();
  expect(asked).toEqual([3, 4]);
  expect(moved).toEqual(['ann 6 6', 'ben 7 7']);
  one.version(ROOM, 6);
  await settled();
  expect(asked).toEqual([3, 4]);
});

it('[CNT3] a mark with a gap before it is a sign of lost ones', async () => {
  const { one, asked, moved } = registers([{ marks: [mark('ann', 6, 4), mark('ben', 8, 5)], version: 5, more: false }]);
  one.version(ROOM, 3);
  one.received(mark('ben', 8, 5));
  await settled();
  expect(asked).toEqual([3]);
  expect(moved).toEqual(['ben 8 8', 'ann 6 6']);
});

it('[ORD3] asks again with the next heartbeat when there was no answer', async () => {
  const { one, asked } = registers();
  one.version(ROOM, 3);
  one.version(ROOM, 4);
  await settled();
  one.version(ROOM, 4);
  await settled();
  expect(asked).toEqual([3, 3]);
});

it('[RES2] asks for nothing of conversations that the app has not opened', async () => {
  const { one, asked } = registers([], false);
  one.version(ROOM, 3);
  one.version(ROOM, 9);
  await settled();
  expect(asked).toEqual([]);
});

it('[RES5] forgets the marks of a log that is gone', () => {
  const { one, moved } = registers();
  one.received(mark('ann', 50, 1));
  one.forget('');
  one.received(mark('ann', 3, 1));
  expect(moved).toEqual(['ann 50 50', 'ann 3 3']);
});
