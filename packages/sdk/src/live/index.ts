export { live, type Live, type UserSignal } from './live.js';
export type { PresenceChange, PresenceWatch, UserPresence, WatchOptions } from './presence.js';
export type { Typing, TypingOptions } from './typing.js';
