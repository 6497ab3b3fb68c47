import { SocketAddress, isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * One spelling for each address, whichever driver saw it: limits and proxy ranges compare text. IPv4 that arrives at an
 * IPv6 socket is IPv4, and IPv6 is written the short way, without a zone.
 */
export function canonicalAddress(address: string): string {
  const [host = ''] = address.split('%');
  if (!isIPv6(host)) return host;
  const short = new SocketAddress({ address: host, family: 'ipv6' }).address;
  return MAPPED_IPV4.exec(short)?.[1] ?? short;
}
