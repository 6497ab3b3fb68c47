/** Pages with one React or the other, made of what is published. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = createRequire(import.meta.url);
/** The esbuild that the SDK is built with. */
const { build } = createRequire(here.resolve('tsup'))('esbuild') as { build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }> };
/** The older React is what the services bring, for those who test beside it. */
const OLDER = createRequire(fileURLToPath(new URL('../../../../services/package.json', import.meta.url)));

export const reacts = { 18: OLDER, 19: here } as const;
export type ReactVersion = keyof typeof reacts;

/** Where a package of that React is. */
export const folderOf = (version: ReactVersion, name: string): string => dirname(reacts[version].resolve(`${name}/package.json`));

/** @returns the script of a page */
export async function bundlePage(file: string, version: ReactVersion): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(dirname(fileURLToPath(import.meta.url)), file)], bundle: true, write: false, format: 'esm', platform: 'browser', target: 'es2022', jsx: 'automatic', logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"development"' }, alias: { react: folderOf(version, 'react'), 'react-dom': folderOf(version, 'react-dom') },
  });
  return outputFiles[0]!.text;
}
