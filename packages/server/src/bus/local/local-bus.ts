import type { Bus, BusMessage } from '../port.js';

/** The bus of a single node: a call. */
export function createLocalBus(): Bus {
  const handlers = new Set<(message: BusMessage) => void>();
  return {
    alive: () => true,
    lossless: true,
    publish(message) {
      for (const handler of handlers) handler(message);
    },
    listen(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    follow: () => () => undefined,
    inbox: () => () => undefined,
    stop() {
      handlers.clear();
      return Promise.resolve();
    },
  };
}
