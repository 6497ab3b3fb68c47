/** The entry `@talaria/sdk/calls`: who rings, who answers, and what WebRTC needs to be told between two devices. */
export { createCalls, type Calling, type CallsOptions, type StartCall } from './calls.js';
export type { Call, CallEvents, StopReason } from './call.js';
export type { Candidate, Description, PeerConnection, PeerEvent } from './link.js';
export type { CallPeer, PeerListeners } from './peers.js';
export type { CallRuntime } from './surroundings.js';
export type { CallParticipant, CallReason, CallState } from '@talaria/protocol';
