/** Where the server has the site; VitePress writes it into every link. */
export const BASE = '/docs/';
