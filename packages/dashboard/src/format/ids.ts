/** Ids: what they are of, by their first letter, and which screen shows it. */
import { href } from '../router/match.js';

const part = encodeURIComponent;

/** The screen of an id. @param app the app that it is of; what stands in no app needs none. @returns undefined for what has no screen */
export function screenOf(id: string, app?: string): string | undefined {
  const within = app === undefined ? undefined : `/apps/${part(app)}`;
  switch (id.slice(0, 2)) {
    case 't_': return href(`/tenants/${part(id)}`);
    case 'a_': return href(`/apps/${part(id)}`);
    case 'n_': return href(`/connections/${part(id)}`);
    case 'o_': return href(`/operators/${part(id)}`);
    case 'u_': return within && href(`${within}/users/${part(id)}`);
    case 'c_': return within && href(`${within}/conversations/${part(id)}`);
    case 'm_': return within && href(`${within}/messages/${part(id)}`);
    case 'k_': return within ? href(`${within}/keys`, { key: id }) : href('/keys', { key: id });
    default: return undefined;
  }
}

/** `t_06aqx7…h7j8`: enough to tell one from another in a list. */
export const short = (id: string): string => (id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-5)}` : id);
