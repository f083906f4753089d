import type { ReactElement, ReactNode } from 'react';

/** A table of a few rows under its headings; it scrolls sideways where it is wider than the page. */
export function DataTable({
  heads,
  name,
  children,
}: {
  readonly heads: readonly string[];
  /** For tests. */
  readonly name?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="fw-scroll">
      <table className="fw-table fw-numbers" data-testid={name}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
