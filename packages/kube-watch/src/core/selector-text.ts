/** A label selector as objects of Kubernetes hold it (`metav1.LabelSelector`). */
export interface K8sSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
        readonly values?: readonly string[] | undefined;
      }[]
    | undefined;
}

/**
 * The selector as the `labelSelector` parameter of the API takes it (Kubernetes documentation, Labels and Selectors);
 * empty for one without requirements, which selects everything. What an object has as a plain map of labels, as a
 * Service, goes in as `matchLabels`.
 */
export function selectorText({ matchExpressions = [], matchLabels = {} }: K8sSelector): string {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      switch (operator) {
        case 'Exists':
          return key;
        case 'DoesNotExist':
          return `!${key}`;
        case 'In':
          return `${key} in (${values.join(',')})`;
        case 'NotIn':
          return `${key} notin (${values.join(',')})`;
      }
    }),
  ].join(',');
}
