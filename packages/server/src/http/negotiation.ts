/** What a request says of encodings and of what it has already (RFC 9110, sections 12.5.3 and 13.1.2). */

/** Whether `gzip` may be sent; what comes without a wish gets none. */
export function acceptsGzip(header: string | undefined): boolean {
  const quality = new Map((header ?? '').split(',').map((part): [string, number] => {
    const [coding = '', ...parameters] = part.trim().toLowerCase().split(/\s*;\s*/);
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return [coding, weight === undefined ? 1 : Number(weight.slice(2))];
  }));
  return (quality.get('gzip') ?? quality.get('*') ?? 0) > 0;
}

/** Whether one of the tags of `if-none-match` is this one, weak or not. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((part) => part.trim().replace(/^W\//, '') === tag);
}
