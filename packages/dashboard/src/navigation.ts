/** The menu: groups of screens, each with the operation without which there is nothing to see there. */
import type { OperationId } from './api/client.js';
import { href } from './router/match.js';

export interface Entry {
  readonly text: string;
  readonly href: string;
  readonly needs: OperationId;
}

export interface Group {
  readonly text: string;
  readonly entries: readonly Entry[];
}

const entry = (text: string, path: string, needs: OperationId): Entry => ({ text, href: href(path), needs });

export const installation: readonly Group[] = [
  { text: 'Installation', entries: [entry('Overview', '/', 'status.get')] },
  { text: 'Customers', entries: [entry('Tenants', '/tenants', 'tenants.list'), entry('Apps', '/apps', 'apps.list')] },
  { text: 'Access', entries: [entry('Keys', '/keys', 'keys.list'), entry('Operators', '/operators', 'operators.list')] },
];

/** What one app has, when a screen of it is open. */
export function ofApp(app: string): Group {
  const base = `/apps/${encodeURIComponent(app)}`;
  return {
    text: 'This app',
    entries: [
      entry('Settings', base, 'apps.get'), entry('Keys', `${base}/keys`, 'keys.list'),
    ],
  };
}

/** Groups without what the role may not see, and without those that are empty then. */
export function shown(groups: readonly Group[], may: (id: OperationId) => boolean): readonly Group[] {
  return groups.map(({ text, entries }) => ({ text, entries: entries.filter(({ needs }) => may(needs)) })).filter(({ entries }) => entries.length > 0);
}

/** The entry that a path is at or below; the longest of them. */
export function entryAt(groups: readonly Group[], pathname: string): string | undefined {
  const path = pathname.replace(/\/+$/, '');
  return groups.flatMap(({ entries }) => entries.map((one) => one.href)).filter((address) => {
    const bare = address.replace(/\/+$/, '');
    return path === bare || (path.startsWith(`${bare}/`) && bare !== '/dashboard');
  }).toSorted((left, right) => right.length - left.length)[0];
}
