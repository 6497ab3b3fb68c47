import type { UpInput } from '@talaria/protocol';
import { beforeEach, expect, it } from 'vitest';
import { Marks } from '../src/marks.js';

const [ROOM, OTHER] = ['c_1', 'c_2'];

let sent: UpInput[];
let marks: Marks;

beforeEach(() => {
  sent = [];
  marks = new Marks((frame) => {
    sent.push(frame);
    return true;
  });
});

const mark = (conversation: string, read: number) => ({ mark: { conversation_id: conversation, delivered_seq: 0, read_seq: read } });

it('[CNT3] sends a mark again until it was shown, and never a lower one', () => {
  marks.move(ROOM, 0, 9);
  marks.move(ROOM, 0, 7);
  marks.connect();
  expect(sent).toEqual([mark(ROOM, 9), mark(ROOM, 9), mark(ROOM, 9)]);
  sent = [];
  marks.confirmed(ROOM, 0, 8);
  marks.connect();
  marks.confirmed(ROOM, 0, 9);
  marks.connect();
  expect(sent).toEqual([mark(ROOM, 9)]);
});

it('[RES5] a mark in a log that is gone marks nothing in the next one', () => {
  marks.move(ROOM, 0, 900);
  marks.move(OTHER, 0, 5);
  marks.forget(ROOM);
  sent = [];
  marks.connect();
  marks.move(ROOM, 0, 600);
  expect(sent).toEqual([mark(OTHER, 5), mark(ROOM, 600)]);
  marks.forget('');
  sent = [];
  marks.connect();
  expect(sent).toEqual([]);
});

it('[CNT3] a mark that the server could not store goes again at the next beat, once, and only while nothing has shown it', () => {
  marks.move('c_1', 3, 2);
  marks.move('c_2', 5, 5);
  sent.length = 0;
  marks.again();
  expect(sent).toEqual([]);
  for (const conversation of ['c_1', 'c_2', 'c_3']) marks.later(conversation);
  marks.confirmed('c_2', 5, 5);
  marks.again();
  marks.again();
  expect(sent).toEqual([{ mark: { conversation_id: 'c_1', delivered_seq: 3, read_seq: 2 } }]);
});
