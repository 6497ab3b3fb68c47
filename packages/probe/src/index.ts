export { dumpLog, factsOf, type UserHeads } from './log.js';
export { Probe, type ProbeOptions } from './probe.js';
export { together, noState, type FleetState } from './process/orders.js';
export { ProbeProcess } from './process/probe-process.js';
export { Recording, type Heard, type RecordingOptions } from './recording.js';
export { usualMix, type Heads, type ProbeEnd, type ProbeMix, type ProbeSetup, type ProbeState } from './setup.js';
export { makeStage, setupOf, type AppStage, type StageOptions, type StageUser } from './stage.js';
export { until } from './until.js';
