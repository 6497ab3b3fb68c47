/** What a bad frame comes to: a close frame with a code (1005: without one), or a connection that just ends. */
export type FrameVerdict = number | 'ends';

/** Where drivers may differ, and how this one does. Everything else in the contract is the same for all. */
export interface Expectations {
  readonly name: 'uws' | 'ws';
  readonly frames: {
    readonly rsv: FrameVerdict;
    readonly reservedOpcode: FrameVerdict;
    readonly oversizedPing: FrameVerdict;
    readonly orphanContinuation: FrameVerdict;
    /** `'merged'`: its bytes become part of the message that is being sent in fragments. */
    readonly dataMidFragment: FrameVerdict | 'merged';
    readonly textMidFragment: FrameVerdict;
    readonly oneByteClose: FrameVerdict;
    /** `'noise'`: it is read as if it had a mask, and gets to `message` as something else. */
    readonly unmasked: FrameVerdict | 'noise';
    readonly invalidText: FrameVerdict;
    readonly tooLong: FrameVerdict;
    readonly tinyFragments: FrameVerdict;
  };
  /** What becomes of bytes that come before the handshake is answered: RFC 6455 forbids a client to send any. */
  readonly earlyData: 'brought' | 'dropped';
  /** 408, or an end without an answer. */
  readonly slowHeaders: 408 | 'ends';
  readonly hugeHeaders: 400 | 431;
}
