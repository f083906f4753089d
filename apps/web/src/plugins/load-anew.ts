let isDue = false;

/** A server that is away is asked so often whether it is back. */
const retryMs = 2_000;
const answerWithinMs = 10_000;

function holdUnload(event: Event): void {
  if (isDue) event.stopImmediatePropagation();
}

/** To be called before any code of a plugin runs: none can then ask to stay in a page that is to be loaded anew. */
export function beFirstAtUnload(): void {
  addEventListener('beforeunload', holdUnload, true);
}

/**
 * Loads the page anew, without the code that plugins left in it. What it shows is gone at once, as the new page may take
 * its time: nobody is to type a password into the old one. Its scripts go on until the server answers, so that a sign-out
 * still reaches a server that was away.
 */
export function loadAnew(): void {
  if (isDue) return;
  isDue = true;
  const body = document.createElement('body');
  const link = document.createElement('a');
  link.href = location.href;
  link.className = 'fw-link';
  link.textContent = 'Load the page anew';
  body.append(link);
  document.body.replaceWith(body);
  void reloadOnceAnswered();
}

async function reloadOnceAnswered(): Promise<void> {
  for (;;) {
    try {
      const { ok } = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(answerWithinMs) });
      if (ok) break;
    } catch {
      // Asked again below.
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  location.reload();
}
