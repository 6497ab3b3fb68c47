/** Whose request it is: what a proxy says is believed of proxies only. */
import { describe, expect, it } from 'vitest';
import { createClientAddresses, limitName } from '../../src/runtime/client-address.js';

const PROXIES = ['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1'];
const { clientOf, trusts } = createClientAddresses(PROXIES);

describe('the client of a request', () => {
  it.each<[string, string, string | undefined, string]>([
    ['nothing is claimed', '10.0.0.1', undefined, '10.0.0.1'],
    ['nothing is in the claim', '10.0.0.1', '', '10.0.0.1'],
    ['one proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['one proxy, with a forged entry in front', '10.0.0.1', '1.2.3.4, 203.0.113.9', '203.0.113.9'],
    ['two proxies', '10.0.0.1', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['two proxies and a forged one', '10.0.0.1', '10.8.8.8, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['proxies only', '10.0.0.1', '10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['a single address as a proxy', '192.168.1.7', '203.0.113.9', '203.0.113.9'],
    ['its neighbour is none', '192.168.1.8', '203.0.113.9', '192.168.1.8'],
    ['no proxy at all', '203.0.113.1', '1.2.3.4', '203.0.113.1'],
    ['a client that claims to be a proxy', '203.0.113.1', '10.0.0.1', '203.0.113.1'],
    ['IPv6', '::1', '2001:db8::9', '2001:db8::9'],
    ['IPv6 in its long form', 'fd12::1', '2001:0DB8:0000:0000:0000:0000:0000:0009', '2001:db8::9'],
    ['IPv6 with a port', '::1', '[2001:db8::9]:4711', '2001:db8::9'],
    ['IPv6 in brackets', '::1', '[2001:db8::9]', '2001:db8::9'],
    ['IPv6 with a zone', '::1', 'fe80::1%eth0', 'fe80::1'],
    ['IPv6 proxies', '::1', '2001:db8::9, fd00::1, fdff::2', '2001:db8::9'],
    ['IPv4 with a port', '10.0.0.1', '203.0.113.9:50000', '203.0.113.9'],
    ['a proxy with a port', '10.0.0.1', '203.0.113.9, 10.1.1.1:50000', '203.0.113.9'],
    ['mapped IPv4', '10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['mapped IPv4 in hexadecimal', '10.0.0.1', '::FFFF:CB00:7109', '203.0.113.9'],
    ['mapped IPv4 of a proxy', '10.0.0.1', '203.0.113.9, ::ffff:10.1.1.1', '203.0.113.9'],
    ['blanks', '10.0.0.1', ' \t203.0.113.9 ,10.1.1.1\t', '203.0.113.9'],
  ])('%s', (_, address, claimed, client) => {
    expect(clientOf(address, claimed)).toBe(client);
  });

  it.each(['unknown', '_hidden', 'localhost', '203.0.113', '203.0.113.256', '203.0.113.9:x', '[2001:db8::9', '2001:db8::9]:80', '<script>', '203.0.113.9;', '0x7f.1', '017.0.0.1', ''])(
    'an entry that is no address (%j) ends the walk at who wrote it', (entry) => {
      expect(clientOf('10.0.0.1', entry)).toBe('10.0.0.1');
      expect(clientOf('10.0.0.1', `1.2.3.4, ${entry}, 10.1.1.1`)).toBe('10.1.1.1');
    });

  it('without proxies nothing is believed', () => {
    expect(createClientAddresses([]).clientOf('127.0.0.1', '203.0.113.9')).toBe('127.0.0.1');
    expect(createClientAddresses([]).clientOf('::1', '203.0.113.9')).toBe('::1');
  });

  it('IPv4 networks hold no IPv6 addresses, and IPv6 networks only the IPv4 ones that are mapped into them', () => {
    expect(createClientAddresses(['0.0.0.0/0']).clientOf('2001:db8::1', '203.0.113.9')).toBe('2001:db8::1');
    expect(createClientAddresses(['2000::/3', 'fc00::/7']).clientOf('203.0.113.1', '203.0.113.9')).toBe('203.0.113.1');
    expect(createClientAddresses(['::ffff:203.0.113.0/120']).clientOf('203.0.113.1', '198.51.100.9')).toBe('198.51.100.9');
  });

  it('is told by who is trusted, and by nobody else', () => {
    expect(['10.0.0.1', '192.168.1.7', 'fd00::1', '::1', '192.168.1.8', '203.0.113.1', 'nonsense', ''].map(trusts)).toEqual([true, true, true, true, false, false, false, false]);
    expect(createClientAddresses([]).trusts('127.0.0.1')).toBe(false);
  });

  it('a very long chain is walked, not climbed', () => {
    const chain = Array.from({ length: 1_000 }, () => '10.1.1.1').join(',');
    expect(clientOf('10.0.0.1', `203.0.113.9,${chain}`)).toBe('203.0.113.9');
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0/8', 'fd00::/129', 'localhost', '10.0.0.0/8/8', '10.0.0.0/-1', '*', ''])('%j is no network', (range) => {
    expect(() => createClientAddresses([range])).toThrow('is not a network such as 10.0.0.0/8');
  });
});

describe('the name that an address is limited by', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:db8:1:2::9', '2001:db8:1:2::/64'], ['2001:db8::9', '2001:db8:0:0::/64'], ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'], ['::', '0:0:0:0::/64'], ['64:ff9b::102:304', '64:ff9b:0:0::/64'], ['1::5:6:7:8', '1:0:0:0::/64'], ['not an address', 'not an address'],
  ])('of %s is %s', (address, name) => {
    expect(limitName(address)).toBe(name);
  });

  it('is the same within a /64 and another one outside', () => {
    expect(limitName('2001:db8:1:2::1')).toBe(limitName('2001:db8:1:2:ffff:ffff:ffff:ffff'));
    expect(limitName('2001:db8:1:2::1')).not.toBe(limitName('2001:db8:1:3::1'));
  });
});
