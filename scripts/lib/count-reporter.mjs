// A second reporter beside vitest's own: it counts every test once, and says where a long run stands.
import { writeFileSync } from 'node:fs';

const PROGRESS_EVERY_MS = 20_000;

/** How a test ended. A test that never ended (its process died) has failed. */
const columns = { passed: 'passed', skipped: 'skipped', failed: 'failed', pending: 'failed' };

/** Counts tests, and adds what failed outside of any test: a file that does not load, a hook, a stray rejection. */
export function count(testModules, unhandledErrors = []) {
  const total = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of testModules) {
    total.failed += module.errors().length;
    for (const suite of module.children.allSuites()) total.failed += suite.errors().length;
    for (const test of module.children.allTests()) total[columns[test.result().state]] += 1;
  }
  return total;
}

export const countLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** The reporter that vitest loads. Its totals go to the file that test.mjs names, or else to the output. */
export default class CountReporter {
  #done = 0;
  #filesDone = 0;
  #files = 0;
  #startedAt = Date.now();
  #timer;

  onTestRunStart(specifications) {
    this.#files = specifications.length;
    // On a terminal vitest keeps a live summary of its own.
    if (process.stdout.isTTY) return;
    this.#timer = setInterval(() => this.#progress(), PROGRESS_EVERY_MS).unref();
  }

  onTestCaseResult() {
    this.#done += 1;
  }

  onTestModuleEnd() {
    this.#filesDone += 1;
  }

  onTestRunEnd(testModules, unhandledErrors) {
    clearInterval(this.#timer);
    const total = count(testModules, unhandledErrors);
    const path = process.env.TALARIA_TEST_COUNTS;
    if (path) writeFileSync(path, JSON.stringify(total));
    else process.stdout.write(`${countLine(total)}\n`);
  }

  #progress() {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    process.stdout.write(` … ${this.#done} tests, ${this.#filesDone} of ${this.#files} files done, ${seconds} s\n`);
  }
}
