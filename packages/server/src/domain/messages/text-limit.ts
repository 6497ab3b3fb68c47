import { limits, ProtocolError } from '@talaria/protocol';
import type { Domain } from '../domain.js';

/** Code points that the text of an app's messages may have. */
export async function textMaxOf(domain: Domain, app: string): Promise<number> {
  return (await domain.apps.byId(app))?.row.textMax ?? limits.text_chars_max;
}

/** @throws ProtocolError too_large */
export function checkText(text: string, max: number): void {
  // Code units bound code points from above, so most texts are never walked.
  if (text.length <= max || [...text].length <= max) return;
  throw new ProtocolError('too_large', `text must have at most ${max} code points.`, { field: 'text' });
}
