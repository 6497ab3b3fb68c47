import { expect, it } from 'vitest';
import { canonicalAddress } from '../../src/transport/remote-address.js';

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::FFFF:10.1.2.3', '10.1.2.3'],
  ['0000:0000:0000:0000:0000:ffff:0a01:0203', '10.1.2.3'],
  ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
  ['2001:0db8:0000:0000:0000:0000:0000:00ff', '2001:db8::ff'],
  ['2001:DB8::FF', '2001:db8::ff'],
  ['fe80::1%eth0', 'fe80::1'],
  ['', ''],
])('writes %j as %j', (address, canonical) => {
  expect(canonicalAddress(address)).toBe(canonical);
});
