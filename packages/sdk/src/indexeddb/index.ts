/** The entry `@talaria/sdk/indexeddb`. */
export { addCursors, consumeInto, type ConsumeInto, type TransactionHandler } from './consume-into.js';
export { indexedDbStore, type IndexedDbStoreOptions } from './store.js';
