/**
 * The seed of every property test. It is the same on every run, so that a commit passes or fails the same way twice;
 * `PROPERTY_SEED=42 npm test` tries other inputs, and what they find is mended and kept as a test of its own.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 1) });
