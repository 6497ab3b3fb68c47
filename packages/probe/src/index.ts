export { dumpLog, dumpLogs, factsOf } from './log.js';
export { Probe, type ProbeOptions } from './probe.js';
export { Fleet, type FleetOptions } from './process/fleet.js';
export type { FleetState } from './process/orders.js';
export { ProbeProcess } from './process/probe-process.js';
export { Recording, type Heard, type RecordingOptions } from './recording.js';
export { usualMix, type Heads, type ProbeEnd, type ProbeMix, type ProbeSetup, type ProbeState } from './setup.js';
export { makeStage, setupOf, type AppStage, type StageOptions, type StageUser } from './stage.js';
export { until } from './until.js';
