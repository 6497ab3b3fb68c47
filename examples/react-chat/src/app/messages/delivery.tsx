import type { MessageStatus } from '@talaria/sdk/views';
import type { Receipt } from './use-receipt.js';
import { Icon } from '../parts/icon.js';

export interface DeliveryProps {
  readonly status: MessageStatus;
  /** Of a message of one's own. */
  readonly receipt: Receipt['state'] | undefined;
  readonly text: string | undefined;
}

/** A clock while it waits, one tick on the server, two on all devices, two in colour when it was read. */
export function Delivery({ status, receipt, text }: DeliveryProps) {
  switch (status) {
    case 'sending': return <span className="delivery" data-state="sending"><Icon name="clock" /><span className="unseen">Waits to be sent</span></span>;
    case 'failed':
    case 'rejected': return <span className="delivery" data-state="failed"><Icon name="warning" /></span>;
    case 'held':
    case 'sent': return receipt && <span className="delivery" data-state={receipt} title={text}><Icon name={receipt === 'sent' ? 'check' : 'checks'} /><span className="unseen">{text}</span></span>;
  }
}
