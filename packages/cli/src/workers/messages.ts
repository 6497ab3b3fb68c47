/** What the process of `start --workers` and its workers say to each other. */
import type { AdminKeyFile } from '@talaria/server';
import type { Config, ConfigValues } from '@talaria/server/config';
import type { ErrorReport } from '../errors.js';

export type ToWorker =
  | {
    readonly kind: 'start';
    /** From 1. */
    readonly worker: number;
    /** With the port that all of them listen on, which is not 0. Secrets come this way too: flags and variables can be seen. */
    readonly values: ConfigValues;
    /** The same, as they may be shown. */
    readonly entries: Config['entries'];
    /** Asked of one worker, once. */
    readonly adminKey: { readonly another: boolean } | undefined;
  }
  /** In order (CLU4). Saying it again changes nothing. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'stop' };

export interface Listening {
  readonly kind: 'listening';
  readonly url: string;
  readonly transport: string;
  /** The node's id. */
  readonly node: string;
  readonly adminKey: AdminKeyFile | undefined;
  /** Where the first owner comes in, behind the url; from the worker that was asked for the key, while there is none. */
  readonly dashboardLink: string | undefined;
}

export type FromWorker =
  /** It hears. What is said before is lost: node:cluster listens itself. */
  | { readonly kind: 'ready' }
  | Listening
  | { readonly kind: 'failed'; readonly report: ErrorReport };
