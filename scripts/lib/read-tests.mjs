// The tests of the repository, found by reading their sources.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { listFiles, listFolders } from './files.mjs';
import { testNames } from './test-names.mjs';

/** The tests of all test files, and of the contract suites and helpers that these import from beside them. */
export function readTests(root) {
  const pending = testFolders(root).flatMap((folder) => listFiles(root, folder, /\.test\.tsx?$/));
  const seen = new Set(pending);
  const tests = [];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const { name, line } of testNames(text, file)) tests.push({ file, line, name });
    for (const helper of importedHelpers(root, file, text)) {
      if (!seen.has(helper)) pending.push(helper);
      seen.add(helper);
    }
  }
  return tests.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

function testFolders(root) {
  const inside = (parent) => listFolders(root, parent).map((name) => `${parent}/${name}/test`);
  return [...inside('packages'), ...inside('examples'), 'demo/test', 'e2e/test'];
}

function importedHelpers(root, file, text) {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(dirname(file), specifier).replace(/\.js(x?)$/, '.ts$1'))
    .filter((path) => /(^|\/)test\//.test(path) && existsSync(join(root, path)));
}
