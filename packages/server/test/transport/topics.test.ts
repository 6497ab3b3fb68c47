import { expect, it } from 'vitest';
import { Topics } from '../../src/transport/topics.js';

const [one, two] = [{ name: 'one' }, { name: 'two' }];
const names = (topics: Topics<{ name: string }>, topic: string): string[] | undefined => {
  const followers = topics.followers(topic);
  return followers && Array.from(followers, ({ name }) => name);
};

it('knows who follows what', () => {
  const topics = new Topics<{ name: string }>();
  topics.join('a', one);
  topics.join('a', one);
  topics.join('a', two);
  topics.join('b', one);
  expect([names(topics, 'a'), names(topics, 'b'), names(topics, 'c')]).toEqual([['one', 'two'], ['one'], undefined]);
  topics.leave('a', one);
  topics.leave('a', one);
  topics.leave('c', two);
  expect([names(topics, 'a'), names(topics, 'b')]).toEqual([['two'], ['one']]);
});

it('keeps nothing of a topic or a follower that went', () => {
  const topics = new Topics<{ name: string }>();
  for (const topic of ['a', 'b', 'c']) topics.join(topic, one);
  topics.join('a', two);
  topics.leaveAll(one);
  topics.leaveAll(one);
  expect([names(topics, 'a'), names(topics, 'b'), names(topics, 'c')]).toEqual([['two'], undefined, undefined]);
  topics.leave('a', two);
  expect(names(topics, 'a')).toBeUndefined();
});
