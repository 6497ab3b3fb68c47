// Writes docs/reference/configuration.md and docs/reference/cli.md from the built packages. Usage: node packages/cli/scripts/reference.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { configReference } from '@talaria/server/config';
import { cliReference } from '../dist/main.js';

const folder = new URL('../../../docs/reference/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('configuration.md', folder), configReference());
writeFileSync(new URL('cli.md', folder), cliReference());
