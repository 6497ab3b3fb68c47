import { expect, it } from 'vitest';
import { portOf, subjectNames, type Target } from '../src/subject.js';
import { programs } from '../src/subjects/programs.js';

it('deals clients out over the nodes', () => {
  const target: Target = { subject: 'talaria-cluster', ports: [1, 2, 3], tokens: [], users: [], rooms: [], follows: [], app: '' };
  expect([0, 1, 2, 3, 4, 5].map((client) => portOf(target, client))).toEqual([1, 2, 3, 1, 2, 3]);
});

it('knows how each subject is started, and gives a cluster what its nodes share', () => {
  expect(Object.keys(programs).sort()).toEqual([...subjectNames].sort());
  expect(programs['talaria-cluster'].needs).toEqual(['postgres', 'nats']);
  expect(programs.talaria.needs).toEqual([]);
});
