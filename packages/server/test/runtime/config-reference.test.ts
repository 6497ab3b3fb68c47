import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configReference, flagOf, settingNames, settingOf, variableOf } from '../../src/runtime/config.js';

describe('docs/reference/configuration.md', () => {
  it('is what the table says; run `node packages/cli/scripts/reference.mjs` when it is not', () => {
    expect(readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8')).toBe(configReference());
  });

  it.each(settingNames)('describes %s with its flag and variable', (name) => {
    const page = configReference();
    expect(page).toContain(`## ${name}\n\n${settingOf(name).help}\n`);
    expect(page).toContain(`\`${variableOf(name)}\``);
    const flag = flagOf(name);
    if (flag !== undefined) expect(page).toContain(`\`${flag} <`);
  });
});
