import { expect, it } from 'vitest';
import { figures } from '../src/result.js';

it('leaves out what came to nothing', () => {
  const found = figures('jitter', 'socketio', { clients: 5 }, { delivered_pct: 88, replay_p50_ms: null, replay_p99_ms: Number.NaN });
  expect(found).toEqual([{ scenario: 'jitter', subject: 'socketio', params: { clients: 5 }, metric: 'delivered_pct', unit: '%', value: 88 }]);
});
