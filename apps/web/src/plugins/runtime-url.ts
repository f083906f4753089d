/** Where the list of plugins is. */
export const runtimeUrl = '/api/v1/plugins/runtime';
