import { describe, expect, it } from 'vitest';
import { isIn, isLoopbackAddress, isPublicAddress, ownNetworks } from '../../src/runtime/public-address.js';

/** As a URL writes the host, and without brackets: that is how an address arrives. */
const inUrl = (host: string): string => new URL(`https://${host}/`).hostname.replace(/^\[(.*)\]$/, '$1');

describe('an address that is not of the public internet', () => {
  it.each([
    '127.0.0.1', '127.1', '127.0.1', '0x7f.0.0.1', '0x7f000001', '2130706433', '017700000001', '0177.0.0.1', '１２７.0.0.1', '127。0。0。1', '127.255.255.254', '0.0.0.0', '0', '0.1.2.3',
    '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.255', '169.254.169.254', '0xa9fea9fe', '100.64.0.1', '100.127.255.255',
    '192.0.0.1', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255',
    '[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:10.0.0.1]', '[::ffff:8.8.8.8]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]', '[64:ff9b::8.8.8.8]', '[64:ff9b:1::10.0.0.1]', '[2002:7f00:1::]', '[2002:a00:1::1]', '[2001::1]', '[2001:0:7f00:1::]', '[2001:20::1]', '[2001:db8::1]', '[3fff::1]',
    '[fc00::1]', '[fd12:3456::1]', '[fe80::1]', '[febf::1]', '[fec0::1]', '[ff02::1]', '[ff0e::1]', '[100::1]', '[5f00::1]', '[4000::1]', '[e000::1]',
  ])('%s', (host) => {
    expect(isPublicAddress(inUrl(host))).toBe(false);
  });

  it.each(['fe80::1%eth0', '2606:4700::1%1', 'localhost', '', '1.2.3', '1.2.3.4.5', '0x08.8.8.8', '8.8.8.8 ', '[2606:4700::1]'])('what a resolver does not give: %j', (text) => {
    expect(isPublicAddress(text)).toBe(false);
    expect(isLoopbackAddress(text)).toBe(false);
  });
});

it.each(['8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '223.255.255.255', '[2606:4700::1111]', '[2a00::1]', '[2001:200::1]', '[2003::1]', '[3ffe::1]'])('%s is public', (host) => {
  expect(isPublicAddress(inUrl(host))).toBe(true);
  expect(isLoopbackAddress(inUrl(host))).toBe(false);
});

it.each(['127.0.0.1', '127.8.9.10', '0x7f.1', '[::1]'])('%s is of this machine', (host) => {
  expect(isLoopbackAddress(inUrl(host))).toBe(true);
});

it.each(['[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '128.0.0.1', '[::2]'])('%s is not taken for this machine', (host) => {
  expect(isLoopbackAddress(inUrl(host))).toBe(false);
});

it('the networks of this machine hold its own addresses and its neighbours, of both kinds, and nobody else', () => {
  expect(ownNetworks()).toContain('127.0.0.1/8');
  expect(isIn(ownNetworks(), '127.9.9.9')).toBe(true);
  const networks = ['203.0.113.7/24', '2001:db8:1:2::7/64'];
  expect(['203.0.113.7', '203.0.113.250', '2001:db8:1:2::8', '203.0.114.1', '2001:db8:1:3::7', '::ffff:203.0.113.7', 'localhost'].map((address) => isIn(networks, address)))
    .toEqual([true, true, true, false, false, false, false]);
});
