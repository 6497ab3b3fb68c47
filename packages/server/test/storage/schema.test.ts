import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dumpSchema, SCHEMA_FILE } from '../../scripts/dump-schema.mjs';

it('[RES5] the committed schema is what the migrations add up to', () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8'), 'run node packages/server/scripts/dump-schema.mjs').toBe(dumpSchema());
});
