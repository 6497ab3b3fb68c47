import { ProtocolError } from '@talaria/protocol';

const PATH_CHARS_MAX = 2_048;
/** RFC 3986 allows less, but this is what no reader can take for the end of a path. */
const PLAIN = /^\/[^\p{Cc}\s\\?#]*$/u;
// eslint-disable-next-line no-control-regex -- these are what must not get in
const UNSAFE = /[\u0000-\u001f\u007f-\u009f/]/;

/**
 * Refuses a path that two readers may read in two ways. It is looked at as it was sent and nothing in it is resolved, so
 * `..` leads nowhere, and an id that holds a slash or a control character is none.
 *
 * @throws ProtocolError invalid_argument
 */
export function checkPath(path: string): void {
  if (path.length > PATH_CHARS_MAX) throw new ProtocolError('invalid_argument', `The path has more than ${PATH_CHARS_MAX} characters.`);
  if (!PLAIN.test(path)) throw new ProtocolError('invalid_argument', 'The path holds characters that must be percent-encoded.');
  for (const segment of path.split('/')) {
    const text = decodePart(segment);
    if (text === undefined) throw new ProtocolError('invalid_argument', 'The path is not percent-encoded UTF-8.');
    if (text === '.' || text === '..' || UNSAFE.test(text)) throw new ProtocolError('invalid_argument', 'The path holds an id that cannot be one.');
  }
}

/** @returns undefined for what is not percent-encoded UTF-8 */
export function decodePart(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
