/** Ten thousand inputs on every run; `npm run fuzz` tries a million. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hunt } from '../src/hunt.js';
import { split } from '../src/split.js';
import { targetOf } from '../src/targets/all.js';

const INPUTS = 10_000;
/** From here on a target has given more than one answer: a fuzz that is always refused at the door would prove little. */
const ENOUGH = 10;
const seed = fc.readConfigureGlobal().seed ?? 1;
const shares = split(INPUTS);

it('shares ten thousand inputs out to the last one', () => {
  expect([...shares.values()].reduce((sum, inputs) => sum + inputs, 0)).toBe(INPUTS);
});

it.each([...shares])('%s stands %i inputs', { timeout: 120_000 }, async (name, inputs) => {
  const result = await hunt(targetOf(name), { inputs, seed });
  expect(result.found).toBeUndefined();
  expect(result.inputs).toBe(inputs);
  if (inputs >= ENOUGH) expect(Object.keys(result.codes).length).toBeGreaterThan(1);
});
