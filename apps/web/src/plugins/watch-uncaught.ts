/** Hears of what nobody catches in the page: what was thrown, and the script where there may be no stack. Returns the undo. */
export function watchUncaught(listener: (thrown: unknown, script?: string) => void): () => void {
  const onError = ({ error, filename }: ErrorEvent): void => {
    listener(error, filename);
  };
  const onRejection = ({ reason }: PromiseRejectionEvent): void => {
    listener(reason);
  };
  addEventListener('error', onError);
  addEventListener('unhandledrejection', onRejection);
  return () => {
    removeEventListener('error', onError);
    removeEventListener('unhandledrejection', onRejection);
  };
}
