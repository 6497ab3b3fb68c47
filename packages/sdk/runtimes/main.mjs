// Runs one suite of the SDK in every runtime that can be had here: `npm run test:runtimes`. `--only node,bun` takes some of them.
import { parseArgs } from 'node:util';
import { runtimes } from './runtimes.mjs';
import { startStage } from './stage.mjs';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const wanted = values.only?.toLowerCase().split(',');
const chosen = runtimes.filter(({ name }) => !wanted || wanted.some((word) => name.toLowerCase().startsWith(word)));
if (chosen.length === 0) {
  process.stderr.write(`There is no such runtime: ${values.only}. There are ${runtimes.map(({ name }) => name).join(', ')}.\n`);
  process.exit(2);
}

const count = { passed: 0, failed: 0, skipped: 0 };
for (const runtime of chosen) {
  let program;
  try {
    program = runtime.find();
  } catch (error) {
    process.stdout.write(`${runtime.name}: not run: ${error.message}\n`);
    count.skipped += 1;
    continue;
  }
  const { stage, stop } = await startStage();
  try {
    const results = await runtime.run(program, JSON.stringify(stage));
    const failed = results.filter((one) => one.failed !== undefined);
    process.stdout.write(`${runtime.name} (${runtime.version(program)}): ${results.length - failed.length} of ${results.length} cases\n`);
    for (const one of failed) process.stdout.write(`  ${one.name}\n    ${one.failed.split('\n').slice(0, 4).join('\n    ')}\n`);
    count.passed += results.length - failed.length;
    count.failed += failed.length;
  } catch (error) {
    process.stdout.write(`${runtime.name}: ${error.message}\n`);
    count.failed += 1;
  } finally {
    await stop();
  }
}
process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
