import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of this example: its manifest names it, wherever this file was compiled to. */
export const EXAMPLE = dirname(createRequire(import.meta.url).resolve('@talaria/example-react-chat/package.json'));
export const IMAGES = join(EXAMPLE, '../../docs/images');
