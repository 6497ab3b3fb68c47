/** The one user as whom all agents answer, and their tokens. The key never reaches a page. */
import { connectAdmin } from '@talaria/sdk/admin';

/** Your own id of that user; visitors' pages name it, too. */
export const SUPPORT = 'support';

/** @returns what mints a token that is good for a quarter of an hour; the user is made when there is none */
export function supportTokens(url: string, key: string): () => Promise<string> {
  const backend = connectAdmin({ url, key });
  return async () => (await backend.auth.token({ external_id: SUPPORT, name: 'Support', expires_in_s: 900 })).token;
}
