import { formatId } from '@talaria/protocol';

/** In whose name attempts of operators are counted, where those of users have their app. No app has this id: it is of no time. */
export const INSTALLATION = formatId('app', new Uint8Array(16));
