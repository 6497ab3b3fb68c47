/** From which address a request comes, as far as it can be known. */
import { BlockList, isIP, SocketAddress } from 'node:net';

/** The client's address: the connection's own, or what a trusted proxy says of it. */
export type ClientAddressOf = (address: string, forwardedFor: string | undefined) => string;

export interface ClientAddresses {
  readonly clientOf: ClientAddressOf;
  /** Whether what a connection of this address says of others is believed. */
  trusts(address: string): boolean;
}

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** `198.51.100.7:4711`, `[2001:db8::7]:4711` and `[2001:db8::7]`, as some proxies write. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([\da-f:.]+)\])(?::\d{1,5})?$/i;

/**
 * X-Forwarded-For is a claim: everybody can send one. Each proxy appends whom it was called by, so it is read from the
 * right for as long as whoever wrote the entry is trusted; the first one that is not is the client.
 *
 * @param trustProxy networks as CIDR, or single addresses
 * @throws Error when one is neither
 */
export function createClientAddresses(trustProxy: readonly string[]): ClientAddresses {
  const trusted = networksOf(trustProxy);
  const isTrusted = (address: string): boolean => trustProxy.length > 0 && isIP(address) !== 0 && trusted.check(address, familyOf(address));
  const clientOf: ClientAddressOf = (address, forwardedFor) => {
    let client = address;
    const claims = (forwardedFor ?? '').split(',');
    while (isTrusted(client) && claims.length > 0) {
      const claimed = parseAddress(claims.pop()!.trim());
      if (claimed === undefined) return client;
      client = claimed;
    }
    return client;
  };
  return { clientOf, trusts: isTrusted };
}

/** The name under which an address is limited: one host commands a whole /64 of IPv6 (RFC 6177). */
export function limitName(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array.from({ length: tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function networksOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits, ...more] = range.split('/');
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? most : Number(bits);
    if (family === 0 || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)) || prefix > most) {
      throw new Error(`${range} is not a network such as 10.0.0.0/8`);
    }
    list.addSubnet(address, prefix, familyOf(address));
  }
  return list;
}

/** One spelling for each address; undefined for what is none. */
function parseAddress(text: string): string | undefined {
  const match = WITH_PORT.exec(text);
  const host = match?.[1] ?? match?.[2] ?? text;
  if (isIP(host) === 0) return undefined;
  if (isIP(host) === 4) return host;
  const short = new SocketAddress({ address: host, family: 'ipv6' }).address;
  return MAPPED_IPV4.exec(short)?.[1] ?? short;
}
