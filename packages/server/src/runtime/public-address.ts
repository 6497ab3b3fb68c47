/** Which addresses are of the public internet, and of nobody's own network. */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** IANA's registry of special IPv4 addresses (RFC 6890), with multicast (RFC 5771) and what is reserved (RFC 1112). */
const SPECIAL_IPV4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
];
/** Of IPv6 only what has been given out is public (RFC 4291): so mapped addresses, NAT64, link-local and unique local ones are not. */
const PUBLIC_IPV6 = ['2000::/3'];
/** And of that not: protocols, Teredo among them (RFC 2928); documentation (RFC 3849, RFC 9637); 6to4, which leads to any IPv4 (RFC 3056). */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const LOOPBACK_IPV4 = ['127.0.0.0/8'];
const LOOPBACK_IPV6 = '::1';

function listOf(...networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

const specialIpv4 = listOf(...SPECIAL_IPV4);
const publicIpv6 = listOf(...PUBLIC_IPV6);
const specialIpv6 = listOf(...SPECIAL_IPV6);
const loopback = listOf(...LOOPBACK_IPV4);

/** @param address in any spelling that a resolver or a URL gives; what is no address is not public */
export function isPublicAddress(address: string): boolean {
  // A zone belongs to addresses of one link.
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4: return !specialIpv4.check(address, 'ipv4');
    case 6: return publicIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
    default: return false;
  }
}

/** @param networks as CIDR @param address as a resolver or a URL gives it */
export function isIn(networks: readonly string[], address: string): boolean {
  const family = isIP(address);
  const same = networks.filter((network) => network.includes(':') === (family === 6));
  return family !== 0 && listOf(...same).check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The networks that this machine is in. With IPv6, and where nothing translates addresses, they are public ones, and what stands
 * behind a firewall to everybody else is open to their neighbours.
 */
export function ownNetworks(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.flatMap(({ cidr }) => (cidr === null ? [] : [cidr])));
}

/** This machine itself. @param address as a resolver or a URL gives it */
export function isLoopbackAddress(address: string): boolean {
  // A list of IPv4 networks would hold their mapped addresses, too.
  return isIP(address) === 4 ? loopback.check(address, 'ipv4') : address === LOOPBACK_IPV6;
}
