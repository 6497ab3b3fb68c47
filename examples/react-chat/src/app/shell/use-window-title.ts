import { useUnread } from '@talaria/sdk/react';
import { useEffect } from 'react';

export function useWindowTitle(): void {
  const { messages } = useUnread();
  useEffect(() => {
    document.title = messages > 0 ? `(${messages}) Harbour` : 'Harbour';
  }, [messages]);
}
