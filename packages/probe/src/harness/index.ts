/** The entry `@talaria/probe/harness`: what a run with faults needs beside its clients. Linux and macOS; memory is read on Linux only. */
export { talariaBinary } from './binary.js';
export { ChildLink } from './child-link.js';
export { exitOnSignals, runCommand, UsageError, type Command } from './command.js';
export { cpuUs, memoryBytes, openFiles } from './process-use.js';
export { Progress } from './progress.js';
export { headCommit, machineText, today } from './provenance.js';
export { startProxy, type Proxy, type Target, type Valves } from './proxy.js';
export { refuseUsedDirectory } from './refuse-used-directory.js';
export { runCheck, runToEnd, type Ended } from './run-to-end.js';
export { Scene } from './scene.js';
export { startServer, type ServerProcess, type StartServer } from './server-process.js';
export type { Valve } from './flow.js';
