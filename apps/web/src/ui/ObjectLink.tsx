import type { ReactElement } from 'react';
import { Link } from '@tanstack/react-router';
import type { objectParams } from '../kube/resource-key.ts';

/** A link to the page of an object, by its name. */
export function ObjectLink({ params }: { readonly params: ReturnType<typeof objectParams> }): ReactElement {
  return (
    <Link className="fw-link" to="/clusters/$cluster/$resource/$namespace/$name" params={params}>
      {params.name}
    </Link>
  );
}
