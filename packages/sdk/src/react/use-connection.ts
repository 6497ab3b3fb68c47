import type { Status } from '../connection/state.js';
import type { View } from '../views/index.js';
import { useView, type Kind } from './use-view.js';

const KIND: Kind<Status, View<Status>> = { make: (views) => views.connection(), empty: { state: 'connecting' } };

/** Where the connection is. */
export function useConnection(): Status {
  return useView('connection', KIND)[0];
}
