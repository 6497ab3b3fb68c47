import { expect, it } from 'vitest';
import { fitCloseReason } from '../../src/transport/close-reason.js';

it.each([
  ['', ''],
  ['a'.repeat(123), 'a'.repeat(123)],
  ['a'.repeat(124), 'a'.repeat(123)],
  [`${'a'.repeat(122)}é`, 'a'.repeat(122)],
  [`${'a'.repeat(121)}é!`, `${'a'.repeat(121)}é`],
  [`${'a'.repeat(120)}😀`, 'a'.repeat(120)],
  ['😀'.repeat(40), '😀'.repeat(30)],
])('fits %j', (reason, fitting) => {
  expect(fitCloseReason(reason)).toBe(fitting);
});
