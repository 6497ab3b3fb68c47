import type { ComponentChildren, JSX } from 'preact';
import type { Refusal } from '../api/refusal.js';
import { Copy } from './copy.js';

/** What was refused: the sentence, what to do, and what to tell whoever looks into it. */
export function RefusalNote({ refusal, retry }: { readonly refusal: Refusal; readonly retry?: (() => void) | undefined }): JSX.Element {
  return (
    <div class="note bad" role="alert">
      <p><strong>{refusal.message}</strong></p>
      {refusal.remediation !== '' && <p>{refusal.remediation}</p>}
      <p class="small">
        <code>{refusal.code}</code>
        {refusal.field !== '' && <> · field <code>{refusal.field}</code></>}
        {refusal.requestId !== '' && <> · request <code>{refusal.requestId}</code> <Copy text={refusal.requestId} label="Copy the id of the request" /></>}
      </p>
      {retry && <p><button type="button" class="button" onClick={retry}>Try again</button></p>}
    </div>
  );
}

/** Where there is nothing: what would stand here, and how it comes to be. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  return <div class="empty"><p><strong>{title}</strong></p>{children && <div class="muted">{children}</div>}</div>;
}

export function Note({ kind = 'info', children }: { readonly kind?: 'info' | 'good' | 'warn' | 'bad'; readonly children: ComponentChildren }): JSX.Element {
  return <div class={`note ${kind}`} role="status">{children}</div>;
}

/** As high as what will stand there. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }): JSX.Element {
  return <div class="skeleton" role="status" aria-label="Loading">{Array.from({ length: lines }, (_, at) => <span key={at} />)}</div>;
}

export function Badge({ kind = 'plain', children }: { readonly kind?: 'plain' | 'good' | 'warn' | 'bad' | 'info'; readonly children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${kind}`}>{children}</span>;
}
