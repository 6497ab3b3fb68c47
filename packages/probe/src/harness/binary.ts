/** Where the `talaria` command is. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** @param from the URL of a module whose package depends on `talaria` @throws Error where it is not installed */
export function talariaBinary(from: string): string {
  const manifest = createRequire(from).resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  return join(dirname(manifest), bin.talaria);
}
