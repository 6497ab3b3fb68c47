import { describe, expect, it } from 'vitest';
import { limits } from '../src/limits.js';

describe('limits', () => {
  it.each(Object.entries(limits))('%s is a whole number above 0', (name, value) => {
    expect(Number.isSafeInteger(value) && value > 0, `of ${name}`).toBe(true);
  });

  it('have the values that are documented as defaults', () => {
    expect(limits).toMatchObject({
      frame_bytes_max: 65_536, text_chars_max: 10_000, follow_max: 200, replay_facts_default: 1_000, heartbeat_ms: 25_000, hello_timeout_ms: 5_000, unread_max: 1_000, command_key_days: 90,
    });
  });

  it('[RES2] leave room in hello for the cursor of every followed stream', () => {
    expect(limits.cursors_max).toBeGreaterThan(limits.follow_max);
  });

  it('[SND4] let at least 32 commands wait', () => {
    expect(limits.in_flight_max).toBeGreaterThanOrEqual(32);
  });

  it('default to a page that is allowed', () => {
    expect(limits.page_items_default).toBeLessThanOrEqual(limits.page_items_max);
  });
});
