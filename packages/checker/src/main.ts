import { runCheck } from './cli.js';

// The exit code is set, and not forced: output to a pipe is still being written here.
process.exitCode = runCheck(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
