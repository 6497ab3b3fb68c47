import type { ComponentChildren, JSX } from 'preact';
import type { Query } from '../api/use-query.js';
import { useRouter } from '../router/router.js';
import { hrefWith } from '../router/match.js';
import { RefusalNote } from './notes.js';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly numeric?: boolean;
}

export interface TableProps<Row> {
  /** What it lists, for who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  /** In place of the table when there is no row. */
  readonly empty: ComponentChildren;
  readonly loading?: boolean;
  readonly selected?: ((row: Row) => boolean) | undefined;
}

const SKELETON_ROWS = [0, 1, 2, 3, 4, 5];

/** Rows and columns; on a phone each row is a card. With the arrow keys one goes from row to row. */
export function Table<Row>({ label, columns, rows, keyOf, empty, loading = false, selected }: TableProps<Row>): JSX.Element {
  if (rows?.length === 0) return <>{empty}</>;
  return (
    <div class="table-room">
      <table aria-label={label} aria-busy={rows === undefined || loading} onKeyDown={moveByKey}>
        <thead><tr>{columns.map(({ name, numeric }) => <th key={name} scope="col" class={numeric ? 'numeric' : undefined}>{name}</th>)}</tr></thead>
        <tbody>
          {rows === undefined
            ? SKELETON_ROWS.map((at) => <tr key={at} class="skeleton-row">{columns.map(({ name }) => <td key={name} data-label={name}><span /></td>)}</tr>)
            : rows.map((row) => (
              <tr key={keyOf(row)} class={selected?.(row) === true ? 'selected' : undefined}>
                {columns.map(({ name, cell, numeric }) => <td key={name} data-label={name} class={numeric ? 'numeric' : undefined}><div class="cell">{cell(row)}</div></td>)}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function moveByKey(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const target = event.target as Element;
  // Fields have a use for these keys themselves.
  if (target.matches('input, select, textarea')) return;
  const row = target.closest('tr');
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling;
  const focusable = next?.querySelector<HTMLElement>('a, button');
  if (!focusable) return;
  event.preventDefault();
  focusable.focus();
}

interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

/** A table of a list that comes in pages; the page is in the address. */
export function PagedTable<Row>({ query, ...table }: Omit<TableProps<Row>, 'rows' | 'loading'> & { readonly query: Query<Page<Row>> }): JSX.Element {
  const { data, refusal, loading, refresh } = query;
  return (
    <>
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {(data || !refusal) && <Table {...table} rows={data?.items} loading={loading} />}
      <Pager next={data?.next ?? null} />
    </>
  );
}

function Pager({ next }: { readonly next: string | null }): JSX.Element | null {
  const { place } = useRouter();
  const after = place.query.get('after');
  if (after === null && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {after !== null && <a class="button" href={hrefWith(place, { after: null })}>First page</a>}
      {next !== null && <a class="button" href={hrefWith(place, { after: next })}>Next page</a>}
    </nav>
  );
}
