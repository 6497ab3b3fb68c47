import type { JSX } from 'preact';

/** The wing. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <path fill="currentColor" d="M3 22c7 0 11-2 14-6 2-3 6-5 12-5-2 2-4 3-6 3 2 1 4 1 6 0-2 3-5 4-8 4 2 1 3 1 5 1-3 3-6 4-10 4-2 2-5 3-8 3H6a3 3 0 0 1-3-4Z" />
    </svg>
  );
}
