/** Nothing here is a page to be framed, sniffed or kept. */
const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
];

/** On every answer that does not say otherwise; the id names the request in the log too. */
export const commonHeaders = (requestId: string): readonly (readonly [string, string])[] => [...SECURITY_HEADERS, ['talaria-request-id', requestId]];
